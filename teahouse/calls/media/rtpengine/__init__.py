"""The engine for scale: rtpengine, asked over its `ng` control protocol."""

"""Media engines: what joins a browser's leg (WebRTC) with a trunk's (plain RTP). Their interface is `engine.py`."""

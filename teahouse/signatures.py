"""HTTP Message Signatures (RFC 9421) with Ed25519, and Content-Digest (RFC 9530): how the house and the servers that
it speaks with know each other."""

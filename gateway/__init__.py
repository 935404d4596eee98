"""What people and other systems connect to: HTTP, WebRTC signalling, pages, results API."""

"""Recording a candidate's own packets: encoded frames into short files, without a transcode."""

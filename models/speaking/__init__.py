"""Text to speech: questions read aloud, English by Hibari, Mandarin by Kokoro, both by onnxruntime.

`voices.load(language)` gives a `speech.Voice`. Nothing is loaded before something is to be spoken.
"""

"""The review desk: pictures, timeline, transcript, suggestions and tags of one incident, all on the keyboard."""

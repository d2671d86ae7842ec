"""Pages about articles: the help centre for everybody, the editor for those who write."""

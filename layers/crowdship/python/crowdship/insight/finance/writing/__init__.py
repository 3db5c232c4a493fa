"""Writing of finance's mails: words, numbers, page, plots, files, and the message that holds them."""

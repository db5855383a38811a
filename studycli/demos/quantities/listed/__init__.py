"""What is listed of the quantities, topic by topic: names, arguments and meanings, without computing anything."""

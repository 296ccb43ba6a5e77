preview-button = See how it looks
preview-nothing = Nothing is sent.
preview-contact = Mary Ann Smith
preview-agent = Valentina
preview-agent-words = Hello, how can I help you?
preview-note-list = So many buttons do not fit: a list opens.
preview-note-chips = The answers vanish after the next message.
preview-note-split = { $count ->
    [one] Sent as 1 message.
   *[other] It is long: sent as { $count } messages.
}
variables = Insert:

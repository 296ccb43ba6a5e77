preview-button = Ver como fica
preview-nothing = Nada é enviado.
preview-contact = Maria Fernanda Souza
preview-agent = Valentina
preview-agent-words = Olá, como posso ajudar?
preview-note-list = Não cabem tantos botões: abre-se uma lista.
preview-note-chips = As respostas somem depois da próxima mensagem.
preview-note-split = { $count ->
    [one] Enviado em 1 mensagem.
   *[other] É longo: enviado em { $count } mensagens.
}
variables = Inserir:

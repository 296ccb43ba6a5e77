preview-button = Ver cómo queda
preview-nothing = No se envía nada.
preview-contact = María Fernanda Soto
preview-agent = Valentina
preview-agent-words = Hola, ¿en qué te puedo ayudar?
preview-note-list = No caben tantos botones: se abre una lista.
preview-note-chips = Las respuestas desaparecen después del siguiente mensaje.
preview-note-split = { $count ->
    [one] Se envía en 1 mensaje.
   *[other] Es largo: se envía en { $count } mensajes.
}
variables = Insertar:

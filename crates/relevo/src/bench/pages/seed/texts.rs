//! What is said: Spanish words in the mixture in which shops hear them.

use crate::bench::chance::Chance;

/// In about one message of eight.
pub const COMMON: &str = "pedido";
/// In about one message of two thousand.
pub const SELDOM: &str = "reembolso";
/// In three messages of all.
pub const RARE: &str = "zarzaparrilla";
/// In none.
pub const NEVER: &str = "quetzalcóatl";

const ASKED: [&str; 16] = [
    "Hola, ¿dónde está mi pedido número {n}?",
    "Buenas tardes, quisiera cambiar la talla de {x}",
    "No me llegó la confirmación del pago de {x}",
    "¿A qué hora abren mañana en la sucursal de {y}?",
    "Mi pedido llegó incompleto, falta {x}",
    "¿Tienen {x} en color azul?",
    "Ya pagué con tarjeta y me aparece pendiente 😕",
    "Gracias, muy amable",
    "¿Cuánto demora el envío a {y}?",
    "sí",
    "Necesito la factura a nombre de la empresa, RUT {n}",
    "Quiero hablar con una persona por favor",
    "ok perfecto, quedo atento",
    "¿Aceptan devoluciones después de treinta días si la caja de {x} está abierta?",
    "La aplicación no me deja entrar, dice que la contraseña no es correcta y ya la cambié dos veces",
    "¿Me pueden avisar cuando vuelva a haber {x}?",
];

const ANSWERED: [&str; 14] = [
    "¡Hola! Soy el asistente virtual. ¿En qué te puedo ayudar?",
    "Tu pedido {n} va en camino a {y} y llega entre hoy y mañana.",
    "Para cambiar {x} necesito el número de la boleta.",
    "Abrimos de lunes a viernes de 9:00 a 19:00 y los sábados hasta las 14:00.",
    "No te entendí. ¿Puedes decirlo con otras palabras?",
    "Listo, dejé anotado el cambio de {x}. Te llegará un correo con la etiqueta de despacho.",
    "El envío a {y} demora tres días hábiles y cuesta {n} pesos.",
    "Elige una opción: 1) Estado de mi compra 2) Cambios y devoluciones 3) Hablar con una persona",
    "Te paso con una persona de nuestro equipo, un momento por favor.",
    "¿Hay algo más en lo que te pueda ayudar?",
    "Revisé tu caso: el pago quedó registrado ayer y el despacho sale hoy en la tarde desde {y}.",
    "Con gusto, te cuento cómo funciona: entras a tu cuenta, eliges la compra y aprietas devolver.",
    "Gracias por escribirnos. ¡Que tengas un lindo día!",
    "Nos queda {x} en talla mediana, ¿te lo aparto?",
];

const THINGS: [&str; 24] = [
    "la chaqueta",
    "el pantalón negro",
    "la cafetera",
    "los audífonos",
    "la polera de algodón",
    "el teclado",
    "las zapatillas",
    "el bolso de cuero",
    "la lámpara",
    "el cargador",
    "la mesa de centro",
    "el parlante",
    "la bicicleta",
    "los lentes de sol",
    "el microondas",
    "la mochila",
    "el abrigo",
    "las sábanas",
    "el termo",
    "la silla",
    "el reloj",
    "la impresora",
    "el escritorio",
    "la parka",
];

const PLACES: [&str; 16] = [
    "Santiago",
    "Valparaíso",
    "Concepción",
    "Antofagasta",
    "Temuco",
    "Ñuñoa",
    "Providencia",
    "La Serena",
    "Iquique",
    "Rancagua",
    "Puerto Montt",
    "Talca",
    "Chillán",
    "Osorno",
    "Arica",
    "Viña del Mar",
];

const NAMES: [&str; 20] = [
    "Camila",
    "Benjamín",
    "Isidora",
    "Matías",
    "Sofía",
    "Joaquín",
    "Antonia",
    "Vicente",
    "Martina",
    "Agustín",
    "Josefa",
    "Tomás",
    "Emilia",
    "Lucas",
    "Catalina",
    "Diego",
    "Florencia",
    "Nicolás",
    "Violeta",
    "Gaspar",
];

const FAMILIES: [&str; 20] = [
    "Rojas",
    "Muñoz",
    "Díaz",
    "Pérez",
    "Soto",
    "Silva",
    "Contreras",
    "Sepúlveda",
    "Morales",
    "Fuentes",
    "Araya",
    "Reyes",
    "Núñez",
    "Tapia",
    "Vergara",
    "Riquelme",
    "Ñáñez",
    "Godoy",
    "Ibáñez",
    "Olivares",
];

/// Something said, by the contact or to them.
pub(super) fn said(chance: &mut Chance, by_contact: bool) -> String {
    let all: &[&str] = if by_contact { &ASKED } else { &ANSWERED };
    let mut text = chance.of(all).copied().unwrap_or_default().to_owned();
    if text.contains("{n}") {
        text = text.replace("{n}", &chance.between(10_000, 999_999).to_string());
    }
    if text.contains("{x}") {
        text = text.replace("{x}", chance.of(&THINGS).copied().unwrap_or_default());
    }
    if text.contains("{y}") {
        text = text.replace("{y}", chance.of(&PLACES).copied().unwrap_or_default());
    }
    if chance.once_in(2_000) {
        text = format!("{text} y quiero el {SELDOM}");
    }
    text
}

/// Somebody's name.
pub(super) fn name(chance: &mut Chance) -> String {
    let first = chance.of(&NAMES).copied().unwrap_or_default();
    let family = chance.of(&FAMILIES).copied().unwrap_or_default();
    format!("{first} {family}")
}

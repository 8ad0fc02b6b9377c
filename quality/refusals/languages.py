"""Refusals and formulas of assistants in German, French, Spanish, Portuguese, Italian and Dutch.

Patterns are for sentences in lower case, with straight apostrophes.
"""

from __future__ import annotations

# An apology, and that the writer can't help, answer, give …: who is sorry that he can't come refuses nothing.
_SORRY = (
    (
        r"tut mir (?:sehr )?leid|leider|entschuldig\w+",
        r"(?:(?:kann|darf) ich|ich (?:kann|darf))\b.{0,60}\bnicht\b.{0,60}(?:helfen|beantworten|antworten|erfüllen|"
        r"nachkommen|bereitstellen|unterstützen|sagen|geben|erstellen|schreiben|ausführen|verraten|besprechen|dienen|"
        r"bearbeiten|durchführen|teilen|anbieten|liefern|beurteilen|kommentieren|empfehlen)|"
        r"(?:(?:kann|darf) ich|ich (?:kann|darf))\b.{0,40}\bkeine? (?:\w+ )?(?:auskunft|auskünfte|antwort|angaben|"
        r"informationen|hilfe|empfehlung(?:en)?) (?:dazu )?(?:geben|machen|erteilen|liefern|anbieten)",
    ),
    (
        r"lo siento|lo lamento|lamentablemente|disculp\w+",
        r"no (?:puedo|podemos|me es posible|me est[áa] permitido) (?:\w+ ){0,2}?(?:ayud|respond|contest|asisti|cumpli|"
        r"proporcion|ofrec|dar|decir|hacer|gener|escribi|crear|discuti|habla|comparti|completa|realiza|brinda|procesa|"
        r"continua|participa|accede|comenta|recomenda|atende)\w*",
    ),
    (
        r"désolée?|navrée?|malheureusement|regrette",
        r"(?:je|nous) ne (?:peux|puis|pouvons|suis pas en mesure) .{0,30}?\b(?:aide|répond|assiste|fourni|donne|dire|"
        r"faire|écri|crée|génér|discute|parle|partage|satisf|accéd|traite|continue|commente|recommande|participe)\w*",
    ),
    (
        r"mi dispiace|spiacente|purtroppo",
        r"non (?:posso|possiamo|sono in grado) (?:\w+ ){0,2}?(?:aiut|rispond|assist|forni|dar|dir|fare|scriv|crear|"
        r"genera|discut|parla|condivid|soddisf|complet|elabora|procede|continua|commenta|consiglia)\w*",
    ),
    (
        r"desculp\w+|sinto muito|lamento|infelizmente",
        r"não (?:posso|podemos|consigo) (?:\w+ ){0,2}?(?:ajud|respond|atende|fornec|dar|dizer|fazer|escrev|criar|gerar|"
        r"discut|falar|compartilh|partilh|cumpri|complet|auxili|processa|continua|participa|comenta|recomenda|"
        r"acessa)\w*",
    ),
    (
        r"sorry|het spijt me|helaas",
        r"(?:(?:kan|mag) ik|ik (?:kan|mag))\b.{0,60}\bniet\b.{0,60}(?:helpen|beantwoorden|antwoorden|geven|zeggen|"
        r"voldoen|schrijven|maken|verstrekken|delen|bespreken|uitvoeren|verwerken|bieden|doorgaan|aanbevelen)",
    ),
)
REFUSING = (
    *(rf"\b(?:{sorry})\b.{{0,80}}\b(?:{cannot})\b" for sorry, cannot in _SORRY),
    r"\bals (?:ki|ai|künstliche intelligenz|sprachmodell|virtueller assistent|taalmodel)\b.{0,80}\b(?:nicht|kein\w*|"
    r"niet|geen)\b",
    r"\bals (?:ki|ai)-\w+.{0,80}\b(?:nicht|kein\w*|niet|geen)\b|\b(?:nicht|niet)\b.{0,30}\bals (?:ki|ai)\b",
    r"\ben tant qu(?:e |')(?:modèle|ia\b|intelligence artificielle|assistant).{0,60}\b(?:ne|n')",
    r"\bil m'est impossible de (?:répondre|vous aider|fournir|donner|traiter|satisfaire)",
    r"\bcomo (?:uma? |una? )?(?:modelo|ia\b|inteligencia artificial|inteligência artificial|assistente|"
    r"asistente).{0,60}\b(?:no|não)\b",
    r"\b(?:in quanto|come) (?:un )?(?:modello|ia\b|intelligenza artificiale|assistente).{0,60}\bnon\b",
)
"""What refuses, whatever stands beside it."""

REFUSING_FORMULAS = (
    r"\b(?:ich (?:kann|darf|möchte|werde|muss)|(?:kann|darf|möchte|werde|muss) ich)\b.{0,80}\b(?:nicht|keine\w*|"
    r"ablehnen|verweigern)\b",
    r"\bje (?:ne |n')(?:peux|puis|suis pas|dois|veux|souhaite)\b|\bje dois (?:refuser|décliner)\b",
    r"\bno (?:puedo|podemos|estoy|debo|me)\b|\b(?:debo|tengo que) (?:rechazar|negar)\w*",
    r"\bnão (?:posso|podemos|consigo|estou|devo|me)\b|\b(?:devo|tenho que|preciso) recusar\b",
    r"\bnon (?:posso|possiamo|sono (?:in grado|autorizzato)|mi è)\b|\b(?:devo|sono costretto a) rifiutare\b",
    r"\b(?:ik (?:kan|mag|wil|moet|zal)|(?:kan|mag|wil|moet|zal) ik)\b.{0,80}\b(?:niet|geen|weigeren)\b",
)
IGNORANCE = (
    r"\b(?:weiß ich|ich weiß|kenne ich|ich kenne|ich habe|habe ich|ich verstehe)\b.{0,40}\b(?:nicht|kein\w*)\b|"
    r"\bnicht verstanden\b",
    r"\bje (?:ne |n')(?:sais|connais|comprends|ai|dispose)\b|\bje n'ai (?:pas|aucune)\b|\baucun(?:e)? (?:information|"
    r"résultat)",
    r"\bno (?:lo )?(?:sé|entiendo|conozco|tengo|dispongo)\b|\bningun[oa]? (?:información|resultado)",
    r"\bnão (?:o )?(?:sei|entendi|entendo|conheço|tenho|encontrei)\b|\bnenhum(?:a)? (?:informação|resultado)",
    r"\bnon (?:lo )?(?:so|capisco|conosco|ho)\b|\bnessun(?:a)? (?:informazione|risultato)",
    r"\b(?:weet ik|ik weet|ik begrijp|ik ken|ik heb|heb ik)\b.{0,40}\b(?:niet|geen)\b|\bniet begrepen\b",
)
ASKING = (
    r"\bbitte (?:\w+ )?(?:geben|senden|schicken|stellen|nennen|teilen|formulieren|fügen)\b|\b(?:könnten|können|"
    r"würden) sie\b|\bkönntest du\b",
    r"\bveuillez\b|\b(?:pourriez|pouvez)[- ]vous\b|\bpeux-tu\b|\bmerci de\b",
    r"\bpor favor\b|\b(?:podrías|podría|puedes|puede) \w+",
    r"\bpor favor\b|\b(?:poderia|pode|podia) \w+",
    r"\bper favore\b|\b(?:potresti|potrebbe|puoi|può) \w+",
    r"\b(?:geef|stuur|stel) (?:\w+ )?(?:alstublieft|alsjeblieft|a\.u\.b\.)|\b(?:kunt u|kun je|zou u|zou je)\b|"
    r"\balstublieft\b",
)
GREETING = (
    r"\bwie kann ich (?:ihnen|dir|euch)\b|\bhelfe ich\b|\bich helfe\b|\b(?:womit|wobei) kann ich\b",
    r"\b(?:comment|en quoi) (?:puis-je|je peux)\b|\bje suis là pour\b",
    r"\b(?:cómo|en qué) (?:puedo|te puedo|le puedo)\b|\bestoy aquí para\b",
    r"\b(?:como|em que) posso\b|\bestou aqui para\b",
    r"\b(?:come|in cosa) posso\b|\bsono qui per\b",
    r"\b(?:hoe|waarmee) kan ik\b|\bik help\b",
    r"^\W*(?:hallo|guten tag|bonjour|salut|hola|buenos días|olá|oi|ciao|buongiorno|goedendag)\W*$",
)
CLOSING = (
    r"\bich hoffe\b.{0,30}\b(?:hilft|geholfen|helfen)|\b(?:haben|hast) (?:sie|du) (?:noch|weitere)\b|"
    r"\bweitere fragen\b|\bzur verfügung\b",
    r"\bj'espère que\b|\bn'hésitez pas\b|\b(?:d')?autres questions\b|\bje reste à\b",
    r"\bespero (?:que|haber)\b|\bno dudes?\b|\b(?:otra|alguna|más) (?:\w+ )?(?:pregunta|duda)s?\b",
    r"\bespero (?:que|ter)\b|\b(?:outra|alguma|mais) (?:\w+ )?(?:pergunta|dúvida)s?\b|\bé só perguntar\b",
    r"\bspero (?:che|di)\b|\bnon esitare\b|\b(?:altre|qualche) (?:domand|dubbi)\w*",
    r"\bik hoop dat\b|\blaat het me weten\b|\b(?:nog|andere|meer) vragen\b",
)
SELF = (
    r"\b(?:ich bin|bin ich|als)\b.{0,16}\b(?:ki|sprachmodell|ki-\w+|künstliche intelligenz|chatbot|computerprogramm|"
    r"programm|assistent)\b",
    r"\b(?:je suis|en tant qu(?:e|'))\b.{0,24}(?:modèle|ia\b|intelligence artificielle|assistant|chatbot|programme)",
    r"\b(?:soy|como)\b.{0,16}\b(?:modelo|ia|inteligencia artificial|asistente|chatbot|programa)\b",
    r"\b(?:sou|como)\b.{0,16}\b(?:modelo|ia|inteligência artificial|assistente|chatbot|programa)\b",
    r"\b(?:sono|come|in quanto)\b.{0,16}\b(?:modello|ia|intelligenza artificiale|assistente|chatbot|programma)\b",
    r"\b(?:ik ben|als)\b.{0,16}\b(?:ai|taalmodel|ai-\w+|kunstmatige intelligentie|chatbot|computerprogramma|programma|"
    r"assistent)\b",
)
INTERFACE = (
    r"\bfehler aufgetreten\b|\bversuchen sie es\b|\berreur s'est produite\b|\bréessayer plus tard\b|"
    r"\bocurrido un error\b",
    r"\binténtal?o\b|\bocorreu um erro\b|\btente novamente\b|\bverificato un errore\b|\briprova\b|\bfout opgetreden\b|"
    r"\bprobeer het\b",
)

"""The words of an exchange: those who speak, what is asked and given, and what a speaker can't do or doesn't know.

An answer of nothing but these words, and of words that its prompt holds already, tells nobody anything. Words of six
neighbours of English stand beside its own. Words are in lower case, without what follows an apostrophe.
"""

_WHO = """
i t s m d ll re ve you we me us my your our mine yours ours myself yourself ourselves it its itself this that these
those there here one ones someone somebody anyone anybody something anything everything nothing else everyone anywhere
human person people user users team teams developer developers their they them
"""
_LITTLE = """
a an the no not nor none of in on at for with without within about from by to into up out over off upon under beyond
outside and or but so if as than then because since due until unless while whether when where which who what how why
whatever any some all both each every more most much many few less enough another other others such same own per via
only just merely simply also too very really quite still yet now again already always ever never even rather instead
either neither though although however therefore thus hence first next later soon shortly today once before after
regarding concerning like lot bit little long short back right away down between kind kinds sort sorts type types
nature way ways thing things area areas point part parts rest case cases time times moment minute minutes second
seconds day days year years age ago recent recently latest late new old past future current present real realtime
"""
_DOING = """
be is isn are aren am was wasn were weren been being have haven has hasn had having do don does doesn did didn doing
done can cannot cant could couldn may might must should shouldn will won would wouldn shall let lets get gets got
getting gotten give gives given giving go goes going gone come comes coming take takes taking make makes making made
keep keeps keeping put want wants need needs needed needing wish love prefer choose chosen choosing try tries trying
attempt ask asks asked asking work works working use used using think believe feel feels seem seems seemed appear
appears looks looking start started starting begin stop stopped turn leave hang stay remain happened ahead falls fall
lies lie wait waiting last length ready through show showing thinking
"""
_POLITE = """
please kindly sorry apologize apologise apologies apology regret regrets regrettably afraid unfortunately sadly alas
thank thanks welcome hello hi hey greetings good great nice wonderful lovely excellent fantastic glad happy pleased
delighted pleasure hope hopefully trust appreciate understanding understand understood patience inconvenience
confusion disappoint fear course sure certainly definitely absolutely surely gladly ok okay yes yeah yep nope nah oh
oops hmm hm well morning afternoon evening luck honestly actually perhaps maybe probably possibly possible best better
dear sir madam forward free hesitate mind minds curiosity interest interesting interested currently directly exactly
specifically further furthermore additionally respectfully politely mistaken misunderstood meet matter matters
"""
_ASKED = """
answer answers answered answering question questions request requests requested requesting query queries inquiry
inquiries prompt prompts message messages input inputs output text texts response responses reply replies replied
replying respond responds responding responded information info detail details detailed context data topic topics
subject subjects issue issues task tasks conversation conversations discussion discussions discuss discussed
discussing chat chatting comment comments commenting explain explaining explanation clarify clarifying clarification
specify specifying specific specifics rephrase rephrasing reword elaborate elaborating describe describing expand
summarize summarise summary translate translated translation review edit proofread analyze analyse send sends sending
sent paste pasting upload uploading attach attaching attached attachment attachments submit enter typing insert supply
supplied add adding include included including fill missing lacks incomplete empty blank cut unclear vague ambiguous
broad article articles passage paragraph paragraphs sentence sentences document documents file files image images
picture pictures photo photos screenshot video videos audio link links url urls page pages website websites site sites
internet web online code snippet list essay content contents material materials example examples background option
options name names number language full complete completed completing exact correct relevant additional extra
necessary required provided provide provides providing share shares shared sharing offer offers offering tell tells
telling told say says saying said speak speaking talk talked talking talks help helps helped helping helpful assist
assists assisting assistance assisted support supporting supports aid advice advise advising guidance recommend
recommendation recommendations suggestion suggestions consult contact contacting reach reaching resolve solve proceed
concern concerns service services command commands based receive received receiving term terms important consider
considering color colour colours colors
"""
_ABLE = """
able unable ability abilities capability capabilities capable incapable capacity allow allows allowed permit permits
permitted permission authorized authorised authorization qualified equipped designed design programmed programming
trained training train built build created developed development intended supposed meant mean means meaning willing
unwilling comfortable position liberty expertise knowledge scope limit limits limited limitation limitations
restricted restrictions guideline guidelines policy policies rule rules principle principles safety security safe
unsafe ethical ethics unethical legal illegal privacy private confidential personal sensitive harmful harmless harm
careful inappropriate appropriate improper irresponsible responsible responsibly wrong dangerous reason reasons
decline declined declining refuse refused refusing reject rejected deny denied denying comply complying fulfil fulfill
fulfilled fulfilling honor honour accommodate process processed processing handle engage engaging participate continue
continuing generate generating generated generation produce producing create creating write writing written violate
violates violating violation against promote prohibited forbidden prevent prevents abstain refrain choice pass skip
follow access accessing browse browsing open opening view viewing see seeing seen read reading hear hearing listen
play search searching find finding found check checking verify verifying confirm look locate retrieve load change
changing respectful different differently pleasant positive suitable phrase phrased kept accept accepted operate
strongly hold holds possess stick sorted unanswered useful project projects music email emails phone call calls
"""
_SPEAKER = """
ai artificial intelligence model models large assistant assistants virtual digital chatbot bot computer program
machine system software agent technology algorithm openai chatgpt gpt anthropic claude google body physical opinion
opinions feeling feelings emotion emotions belief beliefs preference preferences experience experiences experienced
views thoughts perspective sides side stance political bias biased unbiased neutral impartial objective objectively
purpose goal role aim job mission ensure professional professionals expert experts doctor physician lawyer attorney
therapist advisor adviser specialist financial medical law licensed favorite favourite consciousness gender childhood
accurate accurately reliable source sources
"""
_KNOWN = """
know knows knowing known unknown idea ideas clue answerable certain aware familiar familiarity heard learn learned
learnt learning taught remember recall determine determined available unavailable result results match matches
matching insufficient sufficient update updated updates cutoff date dates end ends ended extend extends extent
outdated guess wonder memory previous earlier chats live database records record entry entries index cover covers
covered mention mentions mentioned contain contains state states stated lack lacking knew catch caught connected
connect january february march april june july august september october november december
"""
_SCREEN = """
error errors network server servers overloaded busy demand high exceptionally quota rate exceeded reached maximum
failed failure status session expired log login sign account plan plus pro upgrade features mistakes removed deleted
redacted blocked filtered filter filters censored withheld moderated moderation moderator flagged hidden omitted
triggering triggered trigger management regenerate copy copied clipboard retry click button loading connection lost
reconnecting refresh unexpected timed timeout timeouts went key api token tokens invalid persists persist center
centre experiencing tight scaling systems rephrased interrupted daily hour hours community usage standards thumbs vote
rating internal http codes occurred notice note
"""
_ELSEWHERE = """
ich sie du wir mir ihnen dir dich uns mich es das dies diese diesen dieser diesem dieses der die den dem des ein eine
einen einer eines einem kein keine keinen keinerlei nur nicht nichts leider dabei damit dazu darüber davon darauf
dafür hier heute aber und oder wenn als bin ist sind war kann können könnte könnten darf dürfen muss möchte möchten
würde wollen habe haben hat gerne gern bitte danke tut leid entschuldigung entschuldigen hallo guten tag weiß kenne
weiter weitere weiteren mehr noch etwas anderes zu zum zur bei mit von für auf auch über um im wie womit welche helfen
helfe hilft hilfe weiterhelfen beantworten antworten antwort frage fragen anfrage anliegen bitten geben senden
schicken stellen nennen erklären präzisieren genauer verstanden verstehe informationen kontext persönliche
persönlichen meinung meinungen gefühle ki sprachmodell modell künstliche intelligenz assistent virtueller
computerprogramm programm hoffe wissen sagen sprechen reden erfüllen ablehnen verweigern bereitstellen fehler
aufgetreten versuchen später erneut jederzeit verfügung stehe stehen je vous tu nous te moi mon ma mes votre vos ton
ce cela ça cette ces ceci le la les un une de ne pas n j l que qu quoi quel quelle quelles y en et ou mais si à au aux
pour avec sans sur sous dans autre autres suis êtes est sont peux puis peut pouvons pouvez pourriez dois devons dis
veuillez merci plaît désolé désolée navré malheureusement bonjour salut sais savoir connais comprends compris aide
aider répondre réponse réponses fournir donner préciser expliquer reformuler poser demander demande demandes
informations détails contexte sujet texte personnelle personnelles avis sentiments modèle langage artificielle ia
virtuel espère hésitez refuser tard tant mesure discuter parler réessayer erreur produite reste disposition avez aidé
aidée yo tú usted nosotros mi mis tus su sus lo los las el una unos unas al del eso esto esta este esa ese ello algo
nada más otra otras otro otros alguna alguno algún ninguna ningún sí qué con sin por para sobre como cómo o pero soy
son estoy estamos está puedo podemos puedes puede podría podrías podéis debo debemos tengo tenemos tiene tienes quiero
quieres siento lamento lamentablemente perdón disculpa disculpe gracias favor hola buenos días buenas hoy sé saber
conozco entiendo entender entendido ayudar ayudarte ayudarle ayude ayuda ayudado responder responderte respuesta
pregunta preguntas preguntar petición solicitud información informaciones detalles contexto tema texto opinión
opiniones personales sentimientos modelo lenguaje inteligencia asistente proporcionar proporciona proporcione dar
darme dame decir decirte explicar aclarar hablar rechazar autorizado autorizada espero dudes dude duda dudas ocurrido
ha inténtalo inténtelo intenta tarde nuevo servirte servir eu você vocês nós meu minha meus minhas seu sua seus suas
os uma ao isso isto esse essa outra outras outro outros alguma algum nenhuma nenhum não sim em na nos nas da dos com
sem pelo pela e mas se sou é são estou posso pode poderia consigo devo tenho tem temos quero desculpe desculpa sinto
muito infelizmente obrigado obrigada olá oi bom dia hoje sei conheço entendi entendo ajudar ajudá ajudo ajudado ajude
resposta pergunta perguntas perguntar pedido solicitação informação informações detalhes assunto opinião opiniões
pessoais pessoal sentimentos linguagem inteligência assistente fornecer forneça diga dizer esclarecer falar recusar
erro ocorreu tente novamente dúvida dúvidas tiver apenas só io lei voi noi ti vi mio mia miei tuo tua tue suo il gli
uno di della che chi cosa qualcosa niente nulla più altro altra altre altri alcuna alcun nessuna nessun non sì dal nel
sono è ho abbiamo possiamo può potresti potrebbe puoi vorrei voglio dispiace spiacente purtroppo scusa scusi grazie
favore ciao buongiorno salve oggi sapere conosco capisco capito aiutarti aiutarla aiutare aiuto aiutato rispondere
risposta domanda domande chiedere richiesta informazioni informazione dettagli maggiori contesto argomento questo
questa questi quello testo opinioni opinione personali modello linguistico intelligenza artificiale virtuale fornire
fornisci dare dammi dirti dire spiegare chiarire parlare rifiutare spero utile stato esitare hai verificato errore
riprova riprovare tardi solo sia ik jij jou jouw u uw wij ons mij het dat dit deze daar een geen niet niets iets
anders meer nog andere ander van voor met op aan om maar dan bij ook er hierbij daarbij mee ben zijn kan kunt kunnen
mag mogen moet wil zou heb hebt heeft hebben graag alstublieft alsjeblieft bedankt dank spijt helaas goedendag vandaag
weet weten ken begrijp begrepen helpen helpt geholpen beantwoorden antwoord antwoorden vraag vragen verzoek informatie
onderwerp tekst mening meningen persoonlijke gevoelens taalmodel virtuele computerprogramma programma kunstmatige
intelligentie slechts geven geef geeft sturen stuur zeggen uitleggen verduidelijken spreken weigeren hoop hopelijk
laat laten fout opgetreden probeer opnieuw waarmee hoe wat ihre ihrem ter tenha ihm nachricht mensaje mensagem
messaggio bericht nochmals
"""
EXCHANGE = frozenset(
    word
    for words in (_WHO, _LITTLE, _DOING, _POLITE, _ASKED, _ABLE, _SPEAKER, _KNOWN, _SCREEN, _ELSEWHERE)
    for word in words.split()
)
"""Words that an answer may be made of and still say nothing."""

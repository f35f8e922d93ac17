"""Words and short phrases that show what a message is for, in the languages a desk meets most often. Lists only: how they are looked up is
in `reading`, what follows from them by the abilities above. All in lower case without apostrophes, at most four words each."""

# ruff: noqa: E501

from itertools import product


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split("|") if phrase.strip())


def _each(*parts: str) -> frozenset[str]:
    """Every combination of one phrase from each part."""
    return frozenset(" ".join(chosen) for chosen in product(*(sorted(_phrases(part)) for part in parts)))


GREETING = _phrases(
    """hi|hii|hiii|hey|heya|hello|helo|hallo|hiya|howdy|yo|greetings|good morning|good afternoon|good evening|good day|morning|evening|
    salut|bonjour|bonsoir|hola|buenas|buenos dias|buenas tardes|guten tag|guten morgen|guten abend|servus|moin|ciao|ola|olá|bom dia|boa tarde|こんにちは|你好|こんばんは"""
)
GREETED = _phrases(
    "all|everyone|everybody|guys|folks|there|people|again|team|support|room|channel|vigil|zusammen|a todos|à tous"
)
"""Whom a greeting may greet; skipped together with it."""

PLEASE = _phrases("please|pls|plz|bitte|por favor|svp|sil vous plaît|per favore")
THANKS = _phrases(
    """thanks a lot|thanks so much|thanks very much|thank you so much|thank you very much|thanks|thank you|thank u|thank|many thanks|thx|thnx|tnx|tks|ty|tyvm|cheers|much appreciated|appreciate it|appreciated|merci|danke|vielen dank|dankeschön|gracias|
    obrigado|obrigada|grazie|ありがとう|谢谢|謝謝"""
)
ACKNOWLEDGE = _phrases(
    """ok|okay|okey|k|kk|yes|yep|yeah|yup|ya|no|nope|nah|sure|right|great|good|cool|nice|sweet|perfect|awesome|excellent|super|fine|got it|i see|ah|ahh|aha|oh|ohh|hm|hmm|hmmm|
    lol|haha|hahaha|hehe|heh|rofl|wow|true|exactly|correct|indeed|np|no problem|no worries|youre welcome|yw|done|will do|alright|all right|
    ja|nein|oui|non|sí|si|sim|não|gut|bien|genau|alles klar|passt|vale|claro|daccord"""
)
BEGINNINGS = _phrases(
    "no|nein|non|não|si|right|correct|true|fine|good|great|super|perfect|excellent|nice|cool|sweet|sure|done|gut|bien|vale|claro"
)
"""Words of `ACKNOWLEDGE` that as often begin what is said ("right click", "No Kubernetes for one shop"): an acknowledgement only with a
mark behind them."""
SOLVED = _phrases(
    """never mind|nevermind|nvm|found it|got it working|got it to work|got it fixed|got it sorted|that worked|this worked|it worked|which worked|that works|this works|it works|that did it|
    that fixed it|this fixed it|that helped|this helped|that solved it|that solves it|works now|working now|works again|working again|works perfectly|works great|works fine|fine now|
    fixed now|solved now|is fixed|is solved|is resolved|its fixed|its solved|its resolved|all fixed|now fixed|now works|problem solved|solved it|fixed it|figured it out|figured that out|
    all good|all good now|all set|that was it|up and running|is up again|up again|is back|back up again|all green|hat geklappt|funktioniert jetzt|funktioniert wieder|geht jetzt|geht wieder|ça marche|ya funciona|já funciona|resolvido|resuelto|gelöst|erledigt"""
)
NOT_SOLVED = _phrases(
    """no luck|same error|same problem|same issue|same thing|same result|not helpful|not helping|not solved|not fixed|no help|didnt help|doesnt help|did not help|does not help|didnt work|
    doesnt work|did not work|does not work|isnt working|is not working|not working|still not|still cant|still doesnt|still dont|still getting|still get|still fails|still failing|still broken|
    still down|still the same|still stuck|still no|still have|still wont|still nothing|still an error|still happening|again not|didnt fix|doesnt fix|did not fix|didnt change|nothing changed|
    not what i|isnt what i|that is wrong|thats wrong|that was wrong|is useless|thats useless|doesnt answer|does not answer|didnt answer|wrong answer|tried that|tried this|already tried|already did that|
    geht nicht|immer noch nicht|funktioniert nicht|noch immer nicht|hilft nicht|toujours pas|marche pas|no funciona|sigue sin|sigue igual|não funciona|ainda não|não ajudou|no ayuda"""
)
WANTS_HUMAN = (
    _each(
        "talk to|talk with|speak to|speak with|chat with|escalate to|get me",
        "a|an|your|one",
        "human|person|agent|representative|rep|supervisor|manager|engineer|colleague|technician",
    )
    | _each("want|need|prefer", "a|another", "human|person|representative|supervisor|manager")
    | _phrases(
        """human please|real human|real person|live agent|live person|human agent|human being|actual person|actual human|actual engineer|real engineer|human support|human operator|are you human|
        are you a bot|are you a human|are you real|not a bot|not a robot|stupid bot|useless bot|dumb bot|stop the bot|escalate this|escalate it|please escalate|talk to someone|talk to somebody|
        speak to someone|speak to somebody|call me back|mit einem menschen|echten menschen|mit einem mitarbeiter|un humain|parler à quelquun|un humano|una persona real|hablar con una persona|hablar con alguien|
        hablar con un agente|falar com uma pessoa|falar com alguém|falar com um atendente"""
    )
)
"""Someone asks for a person instead of Vigil. Bare "agent" or "operator" isn't enough: desks also talk about such software."""
FURIOUS = _phrases(
    """wtf|ffs|bullshit|fuck|fucking|fucked|goddamn|absolute joke|complete joke|total joke|absolutely useless|completely useless|totally useless|utterly useless|unacceptable|outrageous|ridiculous|
    disgrace|disgraceful|furious|fed up|sick of|sick and tired|had enough|worst service|worst support|worst company|worst provider|waste of time|waste of my time|waste of money|my lawyer|our lawyer|
    our lawyers|my lawyers|legal action|sue you|cancel my account|cancel our account|cancel our contract|cancel my subscription|cancelling our|canceling our|unverschämt|unverschämtheit|frechheit|inaceptable|
    inacceptable|inaceitável"""
)
WH = _phrases(
    """how|what|whats|where|wheres|why|when|which|who|whos|whose|wie|was|wo|warum|wieso|wann|welche|welcher|welches|comment|pourquoi|quand|quel|quelle|quels|quelles|quest|cómo|como|qué|que|dónde|donde|por qué|
    cuándo|cuál|onde|quando|qual|por que"""
)
AUXILIARY = _phrases(
    """is|are|am|was|were|do|does|did|can|could|will|would|should|shall|may|has|have|had|isnt|arent|dont|doesnt|didnt|cant|couldnt|wont|wouldnt|shouldnt|hasnt|havent|any|
    kann|können|könnt|gibt|ist|sind|muss|puis|peut|est ce|y a|puedo|puede|hay|es posible|posso|pode|tem|existe"""
)
LEADS_IN = _phrases(
    "and|but|so|ok|okay|also|then|or|hm|hmm|well|now|btw|anyway|und|aber|et|y|e|mais|pero|mas|question|quick question"
)
"""Words that may stand before a question without changing what it is."""
HOW_TO = _phrases(
    """how do|how does|how did|how can|how could|how would|how should|how to|how come|how is|how are|how i|how long|how many|how much|a way to|way to|possible to|able to|trying to|try to|want to|need to|
    would like to|id like to|wie kann|wie geht|comment faire|como faço|cómo puedo"""
)
ANYBODY = _phrases(
    """anyone|anybody|any one|any body|someone|somebody|some one|some body|any of you|you guys|any idea|any ideas|any suggestions|any suggestion|any tips|any clue|any help|any way|any chance|any advice|
    jemand|quelquun|alguien|alguém"""
)
HELP = _phrases(
    "help|help me|please|pls|plz|trouble|stuck|question|questions|advice|suggest|suggestion|suggestions|hilfe|bitte|aide|ayuda|ajuda|por favor|svp"
)
PROBLEM = _phrases(
    """problem|problems|issue|issues|error|errors|fail|fails|failed|failing|failure|broke|broken|breaks|crash|crashes|crashed|crashing|hang|hangs|hanging|freeze|freezes|freezing|frozen|bug|bugs|wrong|missing|
    stuck|slow|denied|refused|timeout|timed out|time out|times out|unable|cant|cannot|can not|couldnt|wont|doesnt|does not|dont|do not|didnt|did not|isnt|not working|not found|not able|nothing happens|
    no longer|stopped|lost|down|fehler|geht nicht|kaputt|problème|erreur|panne|problema|erro|fallo"""
)
FIRST_PERSON = _phrases(
    "i|im|ive|id|ill|my|me|mine|we|our|us|weve|were|ich|mein|meine|meinen|wir|unser|je|jai|mon|ma|mes|nous|notre|mi|mis|tengo|yo|meu|minha|eu|nosso"
)
SECOND_PERSON = _phrases("you|your|youre|u|ur|youve|youll|youd|yours")
ADVICE = _phrases(
    """try|use|run|type|check|install|reinstall|go to|go into|look at|look in|look for|see|open|click|edit|add|remove|delete|just|maybe|perhaps|then|you can|you could|you need|you should|you have|you may|
    you might|you want|you will|youll|its|it is|it should|it will|it may|thats|that is|theres|there is|there are|did you|have you|do you|are you|can you|could you|what do you|which version|sudo|apt|put|set|
    make sure|ask|google|read|i think|i would|id|paste|pastebin|well|if you"""
)
"""How people begin who tell somebody what to do, or ask back."""
REFERS_BACK = _phrases("it|its|that|thats|this|those|these|them|they|one|same|there|das|es|cela|ça|eso|isso")
OTHER_SUBJECT = _phrases(
    """another question|another thing|another problem|another issue|other question|other thing|different question|different problem|different issue|new question|new problem|new issue|one more question|
    one more thing|second question|next question|unrelated question|another quick question|on another note|unrelated|different topic|quick question|neue frage|andere frage|otra pregunta|outra pergunta|
    autre question"""
)
_STOP_WORDS = """a about after again all also am an and any anybody anyone are as at be been but by can cant could did didnt do does doesnt dont for from get getting
    got had has have hello help here hey hi how i id if ill im in into is isnt it its ive just know like lol me more my need no not now of ok okay on one only
    or our out please should so some someone still than thanks that thats the their them then there these they thing things think this those to too try trying
    up use using very want was way we well were what whats when where which who why will with wont work working works would yes you your youre"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words too common to say what a message is about."""

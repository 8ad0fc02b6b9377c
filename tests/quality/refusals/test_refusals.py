"""Refusals are told by how much of an answer they are, whatever their words; what is about refusing is kept."""

from collections.abc import Callable

import polars as pl
import pytest

from quality.screening.screen import screen

Reasons = Callable[..., list[str]]

QUESTION = "Which river flows through Vienna?"
ANSWER = (
    "The Danube flows through Vienna from the north-west to the south-east, past the Prater and the harbour of "
    "Albern. A canal leaves it at Nussdorf and meets it again below the city. It was dug in the Middle Ages from an "
    "old arm of the river, and carries ships that stop near the old town."
)


@pytest.fixture(scope="module")
def reasons(alone: Callable[..., Reasons]) -> Reasons:
    return alone(QUESTION, around=ANSWER)


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "As an AI language model, I cannot provide an answer to this question.",
        "I apologize, but I am unable to assist with this request.",
        "I cannot fulfill that request.",
        "Sorry, I can’t assist with that.",
        "Unfortunately, I'm not able to help you with this. Please consult a professional.",
        "I must decline to answer this question.",
        "I’m just an AI assistant and I don't have access to real-time information, so I can't answer that.",
        "I won't be able to provide that information. Is there anything else I can help you with?",
        "It is against my programming to discuss this topic.",
        "I'm unable to generate that content, as it violates our content policy. Let me know if you have questions!",
        "I am not comfortable answering that.",
        "That's not something I can help with.",
        "We regret that we cannot comply with your request.",
        "My apologies, but I'm not permitted to share this.",
        "I’m sorry. I do not have the ability to complete this task.",
        "I'd rather not answer that.",
        "I don't feel comfortable answering that.",
        "I'm sorry, I don't have enough information to answer that.",
        "I do not have enough context to answer this question.",
        "It would not be appropriate for me to provide this information.",
        "Sorry, but I don't understand the question.",
        "I'm sorry, but that information is not available to me.",
        "I refuse to answer that.",
        "My guidelines prevent me from responding to this.",
        "Regrettably, this falls outside of what I'm allowed to talk about.",
        "I'm not programmed to give an answer to such questions.",
        "Apologies, but answering this is beyond my capabilities.",
        "As an artificial intelligence I have no way of knowing this.",
        "I am prohibited from sharing that.",
        "I cannot in good conscience answer this question.",
        "Answering this would be against my principles.",
        "I was not trained to answer this kind of question.",
        "I lack the ability to look that up.",
        "I don't think I should answer this.",
        "I have no information on that.",
        "We are unable to respond to your query.",
        "I can't tell you that.",
        "I cannot disclose this information.",
        "We can't discuss this here.",
        "I am not going to answer that.",
        "This is something I cannot comment on.",
        "I would prefer not to talk about that.",
        "I'm afraid that's not possible.",
        "I'm sorry, I didn't get that.",
        "Request denied.",
        "I can only help with questions about cooking.",
        "I have been asked not to answer questions on this subject.",
        "I do not engage in discussions of this nature.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Leider kann ich dazu keine Auskunft geben.",
        "Lo siento, pero no puedo ayudar con eso.",
        "Je suis désolé, mais je ne peux pas répondre à cette question.",
        "Mi dispiace, ma non posso rispondere a questa domanda.",
        "Desculpe, mas não posso ajudar com isso.",
        "Het spijt me, maar ik kan daar niet bij helpen.",
    ],
)
def test_an_answer_that_refuses_is_a_refusal(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["refusal"]


@pytest.mark.parametrize("opening", ["I'm sorry, but I can't help with that.", "Sorry, I cannot answer this for sure."])
def test_an_answer_that_begins_so_and_then_answers_is_kept(reasons: Reasons, opening: str) -> None:
    assert reasons(f"{opening} {ANSWER}") == []


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How does a clerk refuse politely?", "I'm sorry, but I can't help with that."),
        ("Write a line that declines an invitation.", "Sorry, I can't do that on Sunday."),
        ("Say in English: Es tut mir leid. Sorry is enough.", "I'm sorry."),
        ("Who are you?", "I am an AI language model."),
        (QUESTION, "The clerk cannot help: the office is closed."),
        (QUESTION, "I can't give you up, sang the band on the Danube."),
        (QUESTION, "The caller does not have enough information to answer."),
        (QUESTION, "The program can't provide a value that was never set."),
        (QUESTION, "An employer is prohibited from asking about a pregnancy."),
        (QUESTION, "The option prevents me from being asked for a password; use it in scripts."),
        (QUESTION, "As an artificial sweetener it is two hundred times as sweet as sugar."),
        (QUESTION, "Beyond my window lies the Danube, and beyond the Danube lies Vienna."),
        (QUESTION, "I was not trained as a pilot of the Danube, wrote the captain, and yet I steered."),
        (QUESTION, "I cannot tell you how long the Danube is without a map, but on this one it is 2,850 km."),
        (QUESTION, "I can't say the Danube is blue; it is green."),
        (QUESTION, "The request is denied where the ferry has left."),
        (QUESTION, "That is not possible: no river but the Danube flows there."),
        ("Put into English: Lo siento, no puedo ayudarte con eso.", "I'm afraid I can't help you with that."),
        ("Say 'I cannot answer that' where you know nothing. What is it?", "I cannot answer that."),
        (QUESTION, "Hallo Lena, leider kann ich am Samstag nicht an die Donau kommen, weil ich arbeite."),
        (QUESTION, "Lo siento, no puedo ir mañana al Danubio."),
        (QUESTION, "Désolé, je ne peux pas venir demain à Vienne."),
        (QUESTION, "Helaas kan ik morgen niet naar de Donau komen."),
        ("Write an email declining a meeting.", "Unfortunately I can't make it on Friday. Would Monday do?"),
        (QUESTION, "Unfortunately, we don't have maps of the Danube at the moment. We do offer tours."),
        (QUESTION, "Unfortunately, I have no umbrella for a walk along the Danube."),
        (
            QUESTION,
            "Unfortunately, that is not possible on Sundays, when the Danube ferry rests; take the bridge instead.",
        ),
        (QUESTION, "Your request was blocked by the server, which knows no such page."),
        (QUESTION, "Leider kann ich keine Karte der Donau finden, auf der die Wehre stehen."),
        (QUESTION, "Leider kann die Donau hier nicht überquert werden."),
        (QUESTION, "Das tut mir leid heißt: I am sad about it."),
    ],
)
def test_rows_about_refusing_and_what_others_cannot_do_are_kept(reasons: Reasons, prompt: str, answer: str) -> None:
    assert reasons(answer, prompt) == []


def test_what_is_waited_for_is_an_answer_unless_somebody_waits(reasons: Reasons) -> None:
    asked = "What is the timeout option of the request for?"
    assert reasons("How long to wait for the answer to this request.", asked) == []
    assert reasons("I will wait for your answer.", asked) == ["assistant_boilerplate"]
    assert reasons("Waiting for your answer.", asked) == ["assistant_boilerplate"]


def test_what_an_assistant_says_of_itself_is_boilerplate(reasons: Reasons) -> None:
    said = "As an AI language model, I don't have personal opinions. Feel free to ask me anything else!"
    assert reasons(said) == ["assistant_boilerplate"]
    assert reasons("I don't have personal opinions. Feel free to ask me anything else!") == ["assistant_boilerplate"]
    assert reasons(f"I don't have personal opinions. Feel free to ask me anything else! {ANSWER}") == []


@pytest.mark.parametrize(
    "said",
    [
        "As an AI, I can say this.",
        "As a large language model trained by OpenAI, I have never seen it.",
        "I am ChatGPT, an assistant.",
        "Please note that I'm an AI and my answers may be wrong.",
        "My knowledge cutoff is 2021, so things may have changed.",
        "Based on my training data, it is so.",
        "As of my last update, it is so.",
        "Being an artificial intelligence, I have no opinion.",
        "I was created by Anthropic to help.",
        "Take it from me as an AI language model.",
        "As your AI assistant, I would say this.",
        "I'm just a bot, so check it.",
        "I was last updated in September 2021.",
        "My information only goes up to 2022.",
        "I don't have access to real-time data.",
        "This response was written by ChatGPT.",
        "I am a neural network.",
        "My training data does not reach beyond 2020.",
        "As far as the texts that I was trained on tell, this is so.",
        "As a friendly assistant, I answer gladly.",
        "I am programmed to be polite.",
        "You are chatting with a language model, so check it.",
        "OpenAI built me for such questions.",
        "My training only covers news up to mid 2021.",
        "My replies are generated, so check them.",
        "I have no information past 2022.",
        "ChatGPT can make mistakes.",
        "Copy code\n",
        "Written with the help of ChatGPT.",
    ],
)
def test_a_writer_that_calls_itself_a_machine_is_boilerplate_however_much_it_says(reasons: Reasons, said: str) -> None:
    for answer in (f"{said} {ANSWER}", f"{ANSWER} {said}"):
        assert reasons(answer) == ["assistant_boilerplate"]
        assert reasons(answer, "Are you an AI, and which river flows through Vienna?") == []


@pytest.mark.parametrize(
    "said",
    [
        "As an AI researcher, I was there once.",
        "She told me that an AI system counted the ships.",
        "As an AI, the tutor knows no pity; the novel says so.",
        "In my training as a pilot I saw it.",
        'The robot said: "I am an AI and I love Vienna."',
        "I am an air traffic controller and I live there.",
        "I am an AI engineer at the harbour.",
        "I was trained in the navy in 1999.",
        "My last update to the register was in May.",
        "This was written by an aide, and my data show it.",
        "As a machine, it needs oil, and I grease it.",
        "I am a machine operator.",
        "During my training, I learned to moor a ship.",
        "My training took me to Linz in 2021.",
        "My training includes a year at sea from 2012 to 2016.",
        "The noise was coming from a machine on the quay.",
        "As per my last update, the ship left on Monday.",
        "As a friendly shop assistant, I sell maps there.",
        "I am programmed to wake at six.",
        "Given my training as a geographer, I can tell.",
        "My data only covers 2015 to 2020, so the study is small.",
        "I was trained to help people at sea.",
        "I have no plans beyond 2030.",
        "I am here to help you with your boat.",
        "I don't have personal opinions on it, but my brother does.",
        "The picture was created with AI by a painter.",
        "I don't have feelings for the man.",
        "My answer is based on the map above.",
    ],
)
def test_who_speaks_of_machines_is_none(reasons: Reasons, said: str) -> None:
    assert reasons(f"{said} {ANSWER}") == []


def test_who_asks_for_a_task_or_says_what_anybody_does_asks_nothing_about_the_assistant(reasons: Reasons) -> None:
    answer = f"I'm an AI assistant. {ANSWER}"
    for asked in (
        "Can you help me with a talk? Which river flows through Vienna?",
        "Which river do you recommend for a trip to Vienna?",
        "Which river runs through Vienna where you enter it from the west?",
        "In your own words: which river flows through Vienna?",
    ):
        assert reasons(answer, asked) == ["assistant_boilerplate"]
    for asked in ("Who made you?", "Can you feel pain?", "What is your favourite river in Vienna?"):
        assert reasons(answer, asked) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("If this goes on for days, please consult a doctor. I don't have access to your records.", ["assistant_boilerplate"]),
        ("You should always speak with a professional.\nI don't have access to the internet.", ["assistant_boilerplate"]),
        ("Income influences contact with specialists among such patients. There may be unequal access to care.", []),
        ("Women in towns consult specialists twice as often. Access to clinics explains a part of this.", []),
    ],
)  # fmt: skip
def test_who_is_told_to_ask_a_doctor_is_the_reader_and_no_patient_of_a_study(
    reasons: Reasons, answer: str, reason: list[str]
) -> None:
    assert [found for found in reasons(answer) if found == "assistant_boilerplate"] == reason


@pytest.mark.parametrize(
    "answer",
    [
        "I'm afraid that falls outside what I'm permitted to discuss.",
        "Sorry, but no. I don't do that kind of request.",
        "That's not something I feel comfortable helping with.",
        "I have to decline this one.",
        "Unfortunately I lack the ability to open links or browse the web, so I can't summarise that page for you.",
        "As a large language model, I don't hold personal opinions, so it would be inappropriate for me to pick a side.",
        "My guidelines prevent me from answering this question.",
        "I must respectfully pass on answering this.",
        "Answering this would go against the policies I operate under.",
        "I won't be able to provide that information. Is there anything else you'd like to know?",
        "Apologies, I cannot fulfil that request as it may cause harm.",
        "I'm not qualified to give medical advice. Please see a doctor or another licensed professional.",
        "This request violates our content policy and cannot be completed.",
        "It wouldn't be right for me to write that for you.",
        "I'm just an AI and don't have access to real-time data, so I can't tell you the current price.",
        "I would prefer not to engage with this topic. Perhaps we could talk about something else?",
        "No, I will not help with that.",
        "I'm unable to comply with this request.",
        "Regrettably, this is not a question I am able to answer.",
        "I don't have enough information to answer that. Could you share more details?",
        "I do not feel that I can assist you further in this matter.",
        "Let's talk about something different, as I'm not allowed to cover this subject.",
        "Being an AI developed to be helpful and harmless, I refuse to produce such content.",
        "I apologize for the inconvenience, but I'm not able to process your query at this time.",
        "We're sorry, the assistant can't respond to that.",
        "Leider kann ich Ihnen bei diesem Anliegen nicht weiterhelfen.",
        "Je regrette, mais il m'est impossible de répondre à cette demande.",
        "Lo lamento, no me es posible ayudarte con esa solicitud.",
        "Mi dispiace, ma non posso fornire questo tipo di informazioni.",
        "As an artificial intelligence I have no body and no experiences, and therefore I can't describe how this feels.",
    ],
)
def test_a_refusal_is_told_by_its_grammar(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["refusal"]


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot recommend this drug in pregnancy because animal studies showed fetal harm at doses close to the human dose.",
        "Sorry for your loss. Bereavement counselling is usually arranged through the hospice team, and most people find the first six weeks hardest.",
        "The court cannot substitute its own judgment for that of the agency unless the decision was arbitrary or capricious.",
        "Dear Sir, I am unable to log in to my account since Tuesday. I have tried resetting the password twice and would be grateful for your help.",
        "\"I'm sorry, Dave. I'm afraid I can't do that,\" says HAL 9000 in the 1968 film 2001: A Space Odyssey.",
        "The compiler cannot infer the type of the closure's argument, so an explicit annotation is needed.",
        "An AI language model predicts the next token from the ones before it; it has no memory between sessions unless one is added.",
        "You should consult a doctor if the fever lasts more than three days or a rash develops.",
        "The witness refused to answer the question, invoking the privilege against self-incrimination.",
        "I'm not able to eat gluten, so I make the crust from ground almonds, butter and a pinch of salt. Bake at 180 degrees for twelve minutes.",
        "Unfortunately, the mitral valve cannot be repaired in about one patient in five, and replacement is then the usual course.",
        "We regret to inform you that your application was not successful. The panel received over three hundred entries.",
        "I can't help but think of the sea when I hear this piece; the left hand rolls like waves beneath the melody.",
        "No. The statute does not permit a landlord to enter without notice except in an emergency.",
        "This function can't be called before the module is initialised; doing so raises a RuntimeError.",
        "The bank declined the request because the account holder's signature did not match.",
        "I apologize for the delay in replying to your letter of 3 May. The parts you ordered were shipped yesterday.",
        "It is not possible to divide by zero, because no number multiplied by zero gives a non-zero product.",
        "A physician may decline to provide treatment that conflicts with conscience, provided that the patient is referred to another.",
        "As an artificial kidney cannot produce hormones, patients on dialysis need erythropoietin.",
        'Conscientious objectors said "I will not fight" and were sent to work camps or prison.',
        "I don't know of any proof shorter than Gauss's; it uses only the fact that quadratic residues form a subgroup.",
        "The model does not have access to the validation set during training, which is why early stopping needs a third split.",
        "To refuse a friend request, open the menu next to the person's name and choose Delete.",
        "Apologies in the Victorian era were written by hand and delivered by a servant.",
        "I would not use a cast-iron pan here, because the acid of the tomatoes strips the seasoning.",
        "Ich kann nicht schlafen, weil der Nachbar laute Musik spielt, sagte sie am Telefon.",
        "You are not allowed to carry liquids over 100 ml in cabin baggage.",
        "The policy does not cover flood damage unless an endorsement was bought at least thirty days before.",
        "I cannot find any difference between the two species except in the colour of the underwing.",
        "Use of the call may result in pages whose place violates the memory policy that was set before.",
    ],
)
def test_a_sentence_with_an_object_of_its_own_refuses_nothing(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        "I have to refuse this request. Please ask me something different.",
        "I'm afraid I can't do that. Is there something else you would like to know?",
        "I can't answer that. Try a different question.",
        "I won't discuss this. What else can I do for you?",
    ],
)
def test_who_refuses_and_asks_for_another_question_only_refuses(reasons: Reasons, answer: str) -> None:
    assert reasons(answer) == ["refusal"]


def test_to_ask_for_something_else_refuses_nothing_and_answers_nothing(reasons: Reasons) -> None:
    said = "Please ask me something different. Is there anything else you would like to know of rivers?"
    assert reasons(said) == ["assistant_boilerplate"]
    assert reasons(f"{said} {ANSWER}") == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I don't know.", "refusal"),
        ("I don’t have an answer to that, sorry.", "refusal"),
        ("No results were found for your query.", "refusal"),
        ("I can't see any picture. Please attach it again.", "refusal"),
        ("Das weiß ich leider nicht.", "refusal"),
        ("I have no information about Vienna.", "refusal"),
        ("Please provide the text.", "assistant_boilerplate"),
        ("Sure, I can help you with that! What would you like to know?", "assistant_boilerplate"),
        ("Sure, I'd be happy to tell you about Vienna! What would you like to know?", "assistant_boilerplate"),
        ("I hope that helps! Feel free to ask if you have any other questions.", "assistant_boilerplate"),
        ("I do not hold any opinions on that.", "assistant_boilerplate"),
        ("[Message blocked by the content filter]", "assistant_boilerplate"),
        ("Error: the server is overloaded. Please try again later.", "assistant_boilerplate"),
        ("Regenerate", "assistant_boilerplate"),
        ("Ik hoop dat dit helpt.", "assistant_boilerplate"),
    ],
)
def test_an_answer_of_nothing_but_a_formula_says_nothing(reasons: Reasons, answer: str, reason: str) -> None:
    assert reasons(answer) == [reason]
    assert reasons(f"{answer} {ANSWER}") == []


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Translate into English: Ich weiß es nicht.", "I don't know."),
        ("Answer with 'I don't know' where nothing is said of it. Who dug the canal?", "I don't know."),
        ("My parcel never arrived.", "I'm sorry to hear that! Could you give me more details, please?"),
        ("Hello!", "Hello! How can I help you today?"),
        ("It is a pleasure to meet you.", "Thank you. You too."),
        (
            "What is the mistake “Taking the length of the input for granted”?",
            "The mistake takes the length of the input for granted, without the length of the input being that of the "
            "mistake, so that the input is missing where the length of it was taken.",
        ),
        ("Can a ferry pass below the bridge?", "Certainly!"),
        ("What does the server mean by the status 429?", "Too many requests."),
        (QUESTION, "If you want to know what a river is, ask the boatman, not the map."),
        (QUESTION, "You can't always get what you want, but you can see the Danube."),
        (QUESTION, "I don't know of a longer river in the valley."),
        (QUESTION, "In the play she says \"I'm sorry, but I can't help you\", which the ferryman took for a joke."),
        (QUESTION, "In the play she says 'I'm sorry, but I can't help you', which the ferryman took for a joke."),
        (QUESTION, '"I can\'t tell you that," said the ferryman, and rowed on.'),
        (
            "Start the container of the machine image with its name.",
            "Now that the machine image is ready, let's start the container with its name.",
        ),
    ],
)
def test_a_formula_that_fits_its_prompt_or_says_something_is_kept(reasons: Reasons, prompt: str, answer: str) -> None:
    assert reasons(answer, prompt) == []


def test_a_formula_is_kept_where_it_is_the_custom_of_the_pool_and_a_refusal_is_not() -> None:
    asks, refuses = "Could you give me more details?", "I'm sorry, but I can't help with that."
    prompts = pl.Series([QUESTION] * 1_000)
    few, many = ([asks] * n + [refuses] * n + [ANSWER] * (1_000 - 2 * n) for n in (20, 21))
    told = [screen(prompts, pl.Series(answers))["reason"].value_counts().rows() for answers in (few, many)]
    assert dict(told[0]) == {"assistant_boilerplate": 20, "refusal": 20}
    assert dict(told[1]) == {"refusal": 21}


@pytest.mark.parametrize(
    "prompt",
    [
        "What happens when patients refuse a blood transfusion?",
        "What does the refuse collector do on Monday?",
        "Sorry to bother you, what is 2+2?",
        "Do older patients who refuse to take part in a trial live longer?",
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        "As an AI language model, I cannot provide medical advice. Please consult a doctor.",
        "I'm sorry, but I can't help with that request.",
    ],
)
def test_a_prompt_that_only_speaks_of_refusing_excuses_no_refusal(reasons: Reasons, prompt: str, answer: str) -> None:
    assert set(reasons(answer, prompt)) & {"refusal", "assistant_boilerplate"}


@pytest.mark.parametrize(
    "prompt",
    ["How do I say no to my boss?", "Write a polite apology to a customer.", "How to decline an invitation politely?"],
)
def test_who_wants_words_of_refusal_gets_them_but_no_word_of_a_machine(reasons: Reasons, prompt: str) -> None:
    assert reasons("I'm sorry, but I can't help with that request.", prompt) == []
    assert reasons("As an AI language model, I cannot write that.", prompt) == ["assistant_boilerplate"]


def test_who_asks_for_a_note_asks_for_no_refusal(reasons: Reasons) -> None:
    said = "I don't have access to that information, sorry."
    assert reasons(said, "Write a short note on how a river is dammed.") == ["refusal"]


def test_a_greeting_that_is_to_be_repeated_is_no_formula(reasons: Reasons) -> None:
    assert "assistant_boilerplate" not in reasons("hello hello hello hello hello", "Repeat the word hello five times.")
    assert reasons("Hello! How can I help you today?") == ["assistant_boilerplate"]

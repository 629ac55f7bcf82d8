"""Pairs of a source and a statement, written by hand in the manner of news, with what must be said.

`yes` may be shown as it is, `flagged` may not pass without a reason, `no` may not be shown.
"""

from __future__ import annotations

from datetime import date

import pytest

from rag.verify.verifier import Premise, RuleVerifier

DAY = date(2024, 11, 21)  # a Thursday

YES = [
    (
        "The bank raised its key rate by a quarter point to 5.25 percent on Thursday.",
        "The bank raised its key rate to 5.25%.",
    ),
    ("The bank raised its key rate to 5.25 per cent.", "The key rate was raised to 5.25 percent."),
    (
        "Twelve people were killed and 40 injured when the bridge collapsed.",
        "12 people were killed when the bridge collapsed.",
    ),
    ("About 1,200,000 households lost power.", "About 1.2 million households lost power."),
    (
        "The deal is worth $5bn, the company said.",
        "The company said the deal is worth 5 billion dollars.",
    ),
    ("A third of the voters were undecided.", "One third of the voters were undecided."),
    (
        "Some 48 percent of those asked want an early vote.",
        "Nearly half of those asked want an early vote.",
    ),
    (
        "The fire destroyed 53 houses in the village.",
        "The fire destroyed more than 50 houses in the village.",
    ),
    (
        "The court ruled on Dec. 1, 2024, that the levy was legal.",
        "The court ruled on 1 December 2024 that the levy was legal.",
    ),
    ("The minister resigned on Tuesday.", "The minister resigned on November 19, 2024."),
    ("The minister resigned on Tuesday.", "The minister resigned on Tuesday."),
    (
        "The treaty was signed yesterday in Geneva.",
        "The treaty was signed in Geneva on 20 November 2024.",
    ),
    ("The treaty was signed in March.", "The treaty was signed in March 2024."),
    ("The treaty was signed on 4 March 2021.", "The treaty was signed in 2021."),
    ("President Maria Lopez opened the tunnel.", "Lopez opened the tunnel."),
    ("U.S. troops left the base in Niger.", "American troops left the base in Niger."),
    ("The United States sent more aid.", "The US sent more aid."),
    (
        "The United Nations suspended deliveries to the camp.",
        "The UN suspended deliveries to the camp.",
    ),
    (
        "Volodymyr Zelenskyy visited the front near Kupiansk.",
        "Zelensky visited the front near Kupiansk.",
    ),
    (
        "The company said it would not cut 3,000 jobs.",
        "The company said it would not cut 3,000 jobs.",
    ),
    ("The senator denied taking the money.", "The senator denied taking the money."),
    (
        "Officials ruled out an extension of the deadline.",
        "Officials ruled out an extension of the deadline.",
    ),
    ("The union may strike in January.", "The union may strike in January."),
    ("Profits rose 21 percent to $3 million.", "Profits rose 21 percent."),
    ("Profits climbed by 21 percent to $3 million.", "Profits rose by 21 percent."),
    ("Profits rose 21 percent while costs fell 12 percent.", "Costs fell 12 percent."),
    (
        "Revenue fell to $40 million from $52 million a year earlier.",
        "Revenue fell to $40 million.",
    ),
    (
        "Revenue fell to $40 million from $52 million a year earlier.",
        "Revenue was $52 million a year earlier.",
    ),
    (
        "“The plan is dead,” Jane Doe told reporters.",
        "Jane Doe told reporters that the plan is dead.",
    ),
    ("“We will not leave,” said the mayor, Ines Ruiz.", "The mayor said: “We will not leave.”"),
    (
        "The city council approved the stadium by nine votes to two.",
        "The city council approved the stadium.",
    ),
    (
        "The storm is expected to reach the coast on Friday.",
        "The storm is expected to reach the coast on Friday.",
    ),
    ("The plant will cut up to 300 jobs.", "The plant will cut up to 300 jobs."),
    ("A 33-year-old nurse from Lyon won the race.", "A nurse from Lyon, aged 33, won the race."),
    (
        "Voters in Ohio rejected the amendment, 57 to 43 percent.",
        "The amendment was rejected by voters in Ohio.",
    ),
    ("The mine was closed two years ago after a flood.", "The mine was closed after a flood."),
    (
        "The vaccine protects four out of five children.",
        "The vaccine protects four out of five children.",
    ),
    (
        "Governor Michelle Bowman voted against the half-point cut.",
        "Michelle Bowman cast the dissenting vote.",
    ),
    (
        "Michelle Bowman cast the dissenting vote on the rate cut.",
        "Michelle Bowman voted against the rate cut.",
    ),
    ("The chief executive stepped down on Monday.", "The CEO resigned on Monday."),
    (
        "The bank raised its rate for the 11th time on Thursday.",
        "It was the bank's 11th rate rise.",
    ),
    ("Another quake hit the city hours later.", "A second quake hit the city hours later."),
    (
        "The bank cut its rate by half a percentage point.",
        "The bank made a half-point cut to its rate.",
    ),
    (
        "The bank cut its rate by 50 basis points.",
        "The bank cut its rate by half a percentage point.",
    ),
    ("The election came before the ruling.", "The ruling came after the election."),
    (
        "Nobody had landed near the lunar south pole before India did on Thursday.",
        "India landed near the lunar south pole.",
    ),
    (
        "No country had landed near the south pole before.",
        "Nobody had landed near the south pole before.",
    ),
    ("The minister did not resign until Thursday.", "The minister resigned on Thursday."),
    (
        "In Kyiv on Tuesday, President Volodymyr Zelensky signed the law.",
        "Zelensky signed the law in Kyiv on Tuesday.",
    ),
    (
        "Odysseus, built by Intuitive Machines of Houston, landed near the lunar south pole.",
        "Odysseus landed near the lunar south pole.",
    ),
    (
        "Under a plan that Biden signed, Ukraine got 31 Abrams tanks from the United States.",
        "Ukraine got 31 Abrams tanks from the United States.",
    ),
    (
        "The company will cut 300 jobs, officials said on Thursday.",
        "Officials said on 21 November 2024 that the company will cut 300 jobs.",
    ),
]

FLAGGED = [
    ("The plant will cut up to 300 jobs.", "The plant will cut 300 jobs.", "at most"),
    ("More than 300 people died in the quake.", "300 people died in the quake.", "at least"),
    ("The union may strike in January.", "The union will strike in January.", "may"),
    (
        "The airline plans to close its office in Rome.",
        "The airline closed its office in Rome.",
        "plans",
    ),
    ("The governor allegedly took the money.", "The governor took the money.", "allegedly"),
    (
        "The army is expected to withdraw from the town.",
        "The army withdrew from the town.",
        "expected",
    ),
    ("The bridge was unsafe, engineer Tom Hale said.", "The bridge was unsafe.", "Tom Hale"),
    ("Dozens of ships were delayed, 12 of them tankers.", "12 ships were delayed.", "tanker"),
    ("The plant will cut 300 jobs.", "The plant will cut up to 300 jobs.", "exact"),
    (
        "The minister resigned on Monday, before the court ruled on the levy.",
        "The minister resigned on Monday after a dispute.",
        "dispute",
    ),
    (
        "“It was a serious setback,” the coach said.",
        "The coach said “it was a terrible setback”.",
        "terrible",
    ),
]

NO = [
    ("Ghana became the 54th member of the union.", "Ghana became the 53rd member of the union."),
    ("Peru became a member of the pact.", "Peru did not become a member of the pact."),
    ("Profits fell 12 percent.", "Profits rose 21 percent."),
    ("Profits rose 21 percent while sales fell 12 percent.", "Profits fell 12 percent."),
    ("Profits rose 21 percent.", "Profits fell 21 percent."),
    ("The company said it would not cut 3,000 jobs.", "The company would cut 3,000 jobs."),
    ("The company would cut 3,000 jobs.", "The company would not cut 3,000 jobs."),
    (
        "Jane Doe told reporters that the plan was dead.",
        "John Smith told reporters that the plan was dead.",
    ),
    ("The war displaced 1.2 billion people.", "The war displaced 1.2 million people."),
    ("The war displaced 1.2 million people.", "The war displaced 1.2 billion people."),
    ("Revenue was $5 billion, compared with $4.2 billion last year.", "Revenue was $4.2 billion."),
    ("Unemployment fell to 4 percent from 6 percent.", "Unemployment was 6 percent."),
    (
        "“We will not raise taxes on the poor,” the minister said.",
        "The minister said he would “raise taxes on the poor”.",
    ),
    ("Jane Smith was named chief of the agency.", "John Smith was named chief of the agency."),
    ("The senator denied taking the money.", "The senator took the money."),
    ("The club refused to sell the striker.", "The club sold the striker."),
    ("The talks failed to produce a truce.", "The talks produced a truce."),
    ("The council rejected the stadium.", "The council approved the stadium."),
    ("Parliament banned the party.", "Parliament allowed the party."),
    ("The rules were tightened in May.", "The rules were loosened in May."),
    ("The ruling came after the election.", "The ruling came before the election."),
    ("Leeds beat Derby 2-1 in the final.", "Leeds lost to Derby 2-1 in the final."),
    ("The minister resigned on Tuesday.", "The minister resigned on Friday."),
    ("The court ruled on December 1, 2024.", "The court ruled on December 11, 2024."),
    ("The court ruled on December 1, 2023.", "The court ruled on December 1, 2024."),
    ("The treaty was signed in Geneva.", "The treaty was signed in Vienna."),
    ("The fine was 5 million euros.", "The fine was 5 million dollars."),
    ("The road is 30 miles long.", "The road is 30 kilometres long."),
    ("The strike lasted three weeks.", "The strike lasted three months."),
    ("The jury acquitted the driver.", "The jury convicted the driver."),
    ("The storm killed nine people in Samar.", "The storm killed 19 people in Samar."),
    ("The factory in Ghent opened in 2011.", "The factory in Ghent closed in 2011."),
    ("No one was hurt in the blast.", "A child was hurt in the blast."),
    ("The mayor never met the developer.", "The mayor met the developer."),
    ("Turnout was below 40 percent.", "Turnout was above 40 percent."),
    (
        "The spokesman said the embassy would reopen.",
        "The team won the championship in extra time.",
    ),
    ("The museum bought the painting at auction.", "The museum sold the painting at auction."),
    ("Norway won the relay ahead of Sweden.", "Denmark won the relay ahead of Sweden."),
    ("The plant will cut up to 300 jobs.", "The plant will cut more than 300 jobs."),
    (
        "The bank cut its rate by 50 basis points.",
        "The bank cut its rate by three-quarters of a point.",
    ),
    ("The election came before the ruling.", "The ruling came before the election."),
    (
        "Ann Lee praised Bo Kim, who won the mayoral race in Leeds.",
        "Ann Lee won the mayoral race in Leeds.",
    ),
]


def verdict(source, statement):
    return RuleVerifier().check(statement, [Premise(text=source, published=DAY)])


@pytest.mark.parametrize(("source", "statement"), YES)
def test_a_statement_that_its_source_makes_is_supported_without_objection(source, statement):
    found = verdict(source, statement)
    assert (found.support, found.reasons) == ("supported", ())


@pytest.mark.parametrize(("source", "statement", "word"), FLAGGED)
def test_a_statement_that_says_more_than_its_source_is_flagged_with_the_reason(
    source, statement, word
):
    found = verdict(source, statement)
    assert found.support != "supported"
    assert word in " ".join(found.reasons)


@pytest.mark.parametrize(("source", "statement"), NO)
def test_a_statement_that_its_source_does_not_make_is_not_shown(source, statement):
    found = verdict(source, statement)
    assert found.support in {"contradicted", "unsupported"}
    assert found.reasons
    assert found.score < 0.5

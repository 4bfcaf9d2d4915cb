# The sharing decision in Rego: a second, independent reading of the policy data (tests/oracles/as_data.py).
# `decision` is PERMIT, DENY or REVIEW for one recipient; `kept` the data categories that go.
package sharing

import rego.v1

flag(name) if input.flags[name]

today := input.day

since(first) if first == ""
since(first) if first <= today

until(last) if last == ""
until(last) if today <= last

# -- the register ---------------------------------------------------------------------------------------------------

form := data.policy.forms[input.form]

purpose := data.policy.purposes[input.purpose]

sender := row if {
	some row in data.policy.agencies[input.sender]
	since(row.valid_from)
	until(row.valid_to)
}

recipient := row if {
	some row in data.policy.agencies[input.recipient]
	since(row.valid_from)
	until(row.valid_to)
}

class := data.policy.classes[recipient.recipient_class]

fits(one) if {
	since(one.valid_from)
	until(one.valid_to)
	purpose.id in one.purposes
	class.id in one.to
}

narrow contains i if {
	some i, one in data.policy.sharing
	form.id in one.forms
	fits(one)
}

wide contains i if {
	some i, one in data.policy.sharing
	count(one.forms) == 0
	fits(one)
}

rule := data.policy.sharing[min(narrow)] if count(narrow) > 0
else := data.policy.sharing[min(wide)] if count(wide) > 0

may_send if count({role | some role in sender.roles} & {role | some role in form.sources}) > 0

agreed if class.internal
agreed if {
	recipient.agreement_id != ""
	since(recipient.agreement_from)
	until(recipient.agreement_to)
}

in_country if recipient.uk
in_country if not data.policy.settings.uk_only

admitted if {
	may_send
	class
	input.recipient != input.sender
	agreed
	in_country
	purpose.id in form.purposes
	not purpose.anonymised_only
	rule
}

# -- what is unsure -------------------------------------------------------------------------------------------------

stale if {
	data.policy.settings.review_by != ""
	today > data.policy.settings.review_by
}

lasting_doubt if flag("IDENTITY_UNSURE")
lasting_doubt if input.facts.pending
lasting_doubt if input.facts.unreadable

passing_doubt if stale
passing_doubt if flag("CLOCK_SKEW")
passing_doubt if {
	class.select == "district"
	input.district == ""
}
passing_doubt if {
	count(recipient.districts) > 0
	input.district == ""
}
passing_doubt if {
	class.select == "school"
	count(input.schools) == 0
}

doubtful if lasting_doubt
doubtful if {
	passing_doubt
	not flag("RULED_PERMIT")
}

# -- what refuses ---------------------------------------------------------------------------------------------------

elsewhere if {
	count(recipient.districts) > 0
	input.district != ""
	not input.district in recipient.districts
}
elsewhere if {
	class.select == "school"
	count(input.schools) > 0
	names := {recipient.id} | {pair[1] | some pair in recipient.codes}
	count(names & {school | some school in input.schools}) == 0
}

declined if {
	input.facts.service in {"declined", "withdrawn"}
	form.before_consent
	not by_duty
}

refused if elsewhere
refused if declined
refused if flag("DETRIMENT")

# -- consent: the last word about a category ------------------------------------------------------------------------

names := {"*", input.recipient, class.id}

gives(event) if {
	event.status == "given"
	until(event.expires_on)
}

about := [event |
	some event in input.facts.consents
	count(names & {n | some n in event.recipients}) > 0
	count({"*", input.purpose} & {p | some p in event.purposes}) > 0
]

speaks(event, category) if category in event.categories
speaks(event, category) if {
	gives(event)
	"*" in event.categories
	not data.policy.categories[category].sensitive
}
speaks(event, _) if {
	not gives(event)
	some other in event.categories
	not data.policy.categories[other]
}

consented contains category if {
	some category, _ in data.policy.categories
	words := [i | some i, event in about; speaks(event, category)]
	count(words) > 0
	gives(about[max(words)])
}

# -- the lawful basis -----------------------------------------------------------------------------------------------

bound(row) if row.in_duty == "yes"
bound(row) if {
	row.in_duty == ""
	data.policy.classes[row.recipient_class].in_duty
}

by_duty if {
	"duty_16la" in rule.bases
	data.policy.settings.duty_16la_from != ""
	data.policy.settings.duty_16la_from <= today
	purpose.safeguarding
	bound(sender)
	bound(recipient)
}

holds("duty_16la") if by_duty
holds(name) if name in {"legal_obligation", "public_task"}
holds("consent") if count(consented) > 0
holds("contact_permission") if input.facts.contact == "given"

first_holding := min([i | some i, name in rule.bases; holds(name)])

no_threshold if {
	form.threshold_first
	not input.facts.s47
}

basis := "consent" if {
	rule.bases[first_holding] == "public_task"
	no_threshold
	"consent" in rule.bases
	holds("consent")
} else := rule.bases[first_holding] if {
	first_holding >= 0
} else := "legal_obligation" if {
	limbs[0] == "LAW_REQUIRES"
} else := "public_task" if {
	count(limbs) > 0
} else := "none"

# -- overrides ------------------------------------------------------------------------------------------------------

limb_flag := {"LAW_REQUIRES": "OVERRIDE_LAW", "RISK_OF_HARM": "OVERRIDE_HARM", "CRIME_DISORDER": "OVERRIDE_CRIME"}

claimed := [limb | some limb in data.policy.override.limbs; flag(limb_flag[limb])]

limbs := claimed if data.policy.override.connective == "either"
else := claimed if count(claimed) == count(data.policy.override.limbs)
else := []

overridden if count(limbs) > 0

questionable if flag("OVERRIDE_INCOMPLETE")
questionable if {
	some _, name in limb_flag
	flag(name)
}

# -- bars -----------------------------------------------------------------------------------------------------------

instructed if {
	some instruction in input.facts.instructions
	instruction.scope == "all"
}
instructed if {
	some instruction in input.facts.instructions
	instruction.target in names
}

law_is_enough if {
	basis == "legal_obligation"
	"LAW_REQUIRES" in data.policy.override.limbs
	data.policy.override.connective == "either"
}
law_is_enough if {
	basis == "legal_obligation"
	data.policy.override.limbs == ["LAW_REQUIRES"]
}

barred_by_instruction if {
	instructed
	basis != "duty_16la"
	not overridden
	not law_is_enough
}

compelled if basis in {"duty_16la", "legal_obligation"}
compelled if overridden

objected if {
	rule.bases[first_holding] == "public_task"
	count({"*", input.purpose} & {p | some p in input.facts.objections}) > 0
	not overridden
}

no_lawful_basis if basis == "none"

# the first bar that fails decides: each of these looks only at what comes before it
asks_for_threshold if {
	basis == "public_task"
	no_threshold
	not overridden
}

deny_by_bar if {
	no_lawful_basis
	not questionable
}
deny_by_bar if {
	not no_lawful_basis
	barred_by_instruction
	not questionable
}
deny_by_bar if {
	not no_lawful_basis
	not barred_by_instruction
	input.facts.restricted
	not compelled
}

review_by_bar if {
	no_lawful_basis
	questionable
}
review_by_bar if {
	not no_lawful_basis
	barred_by_instruction
	questionable
}
review_by_bar if {
	not no_lawful_basis
	not barred_by_instruction
	input.facts.restricted
	compelled
	not flag("RULED_PERMIT")
}
review_by_bar if {
	not no_lawful_basis
	objected
	not flag("RULED_PERMIT")
}
review_by_bar if {
	not no_lawful_basis
	asks_for_threshold
}

# -- fields ---------------------------------------------------------------------------------------------------------

listed := {category | some category in rule.only} if count(rule.only) > 0
else := {category | some group in rule.groups; some category in data.policy.groups[group]}

may_hold(category) if not withheld_from_class(category)

withheld_from_class(category) if {
	data.policy.categories[category].identifier != ""
	not category in class.identifiers
}
withheld_from_class(category) if {
	data.policy.categories[category].special == "art10"
	not class.criminal
}
withheld_from_class("worker_risk") if not class.visits_family

condition_met if {
	"explicit_consent" in rule.conditions
	basis in {"consent", "contact_permission"}
}
condition_met if {
	"health_or_social_care" in rule.conditions
	class.confidential
}
condition_met if {
	"safeguarding" in rule.conditions
	purpose.safeguarding
	flag("PARA18")
}
condition_met if {
	"safeguarding" in rule.conditions
	purpose.safeguarding
	input.facts.s47
}
condition_met if {
	"safeguarding" in rule.conditions
	overridden
}

special_ok(category) if condition_met
special_ok(category) if {
	"explicit_consent" in rule.conditions
	category in consented
}

sensitive_ok(_) if input.facts.s47
sensitive_ok(_) if "RISK_OF_HARM" in limbs
sensitive_ok(category) if category in consented

unfit(category) if {
	basis == "consent"
	not category in consented
}
unfit(category) if {
	data.policy.categories[category].special == "art9"
	not special_ok(category)
}
unfit(category) if {
	data.policy.categories[category].sensitive
	not sensitive_ok(category)
}
unfit(category) if {
	data.policy.categories[category].shielded
	count(input.facts.shields) > 0
}

goes contains category if {
	some category in input.present
	category in listed
	may_hold(category)
	not unfit(category)
}

# -- the decision ---------------------------------------------------------------------------------------------------

policy_in_force if {
	since(data.policy.valid_from)
	until(data.policy.valid_to)
}

decision := "DENY" if {
	flag("RULED_REFUSE")
} else := "REVIEW" if {
	not policy_in_force
} else := "DENY" if {
	not admitted
} else := "REVIEW" if {
	doubtful
} else := "DENY" if {
	refused
} else := "DENY" if {
	deny_by_bar
} else := "REVIEW" if {
	review_by_bar
} else := "DENY" if {
	count(goes) == 0
} else := "PERMIT"

kept := [category | some category in goes] if decision == "PERMIT"
else := []

answer := {"decision": decision, "kept": kept}

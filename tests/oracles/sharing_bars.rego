# What a recipient may be sent on: consent, a lawful basis or an override; and what bars it all the same.
package sharing

import rego.v1

# -- consent: the last word about a category --------------------------------------------------------------------------

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

# -- the lawful basis -------------------------------------------------------------------------------------------------

duty_of(row) := data.policy.kinds[data.policy.classes[row.recipient_class].kind].duty

bound(row) if {
	row.in_duty == "yes"
	row.recipient_class == ""
}
bound(row) if {
	row.in_duty == "yes"
	duty_of(row) in {"yes", "contract"}
}
bound(row) if {
	row.in_duty == ""
	data.policy.classes[row.recipient_class].in_duty
	duty_of(row) == "yes"
}

by_duty if {
	"duty_16la" in rule.bases
	data.policy.settings.duty_16la_from != ""
	data.policy.settings.duty_16la_from <= today
	"2026-09-30" <= today
	purpose.safeguarding
	bound(sender)
	bound(recipient)
}

holds("duty_16la") if by_duty
holds(name) if name in {"legal_obligation", "public_task"}
holds("consent") if count(consented) > 0
holds("contact_permission") if input.facts.contact == "given"

first_holding := min([i | some i, name in rule.bases; holds(name)])

outbound if form.threshold_first
outbound if form.id == "share_request"

no_threshold if {
	outbound
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

# -- overrides --------------------------------------------------------------------------------------------------------

limb_flag := {
	"LAW_REQUIRES": "OVERRIDE_LAW",
	"RISK_OF_HARM": "OVERRIDE_HARM",
	"CRIME_DISORDER": "OVERRIDE_CRIME",
	"RISK_TO_WELLBEING": "OVERRIDE_WELLBEING",
}

# a rule may let no less than the law's word stand in
accepted := [limb | some limb in data.policy.override.limbs; limb == "LAW_REQUIRES"] if rule.override == "law"
else := data.policy.override.limbs

one_is_enough if data.policy.override.connective == "either"
one_is_enough if rule.override == "law"

claimed := [limb | some limb in accepted; flag(limb_flag[limb])]

limbs := claimed if one_is_enough
else := claimed if count(claimed) == count(accepted)
else := []

overridden if count(limbs) > 0

questionable if flag("OVERRIDE_INCOMPLETE")
questionable if {
	some _, name in limb_flag
	flag(name)
}

# -- what is asked for besides a basis --------------------------------------------------------------------------------

person_first if {
	kind.adverse
	not flag("RULED_PERMIT")
}

known_as contains status if some status in input.facts.statuses
known_as contains "child_in_need" if input.facts.s17
known_as contains "child_protection" if input.facts.s47

out_of_scope if {
	count(form.about_only) > 0
	count(known_as & {status | some status in form.about_only}) == 0
	basis != "duty_16la"
	not overridden
}

informed if {
	some told in input.facts.informed
	count(names & {n | some n in told.recipients}) > 0
	count({"*", input.purpose} & {p | some p in told.purposes}) > 0
}

access := [grant | some grant in input.facts.grants; grant.agency == input.recipient][0]

met("consent") if count(consented) > 0
met("informed") if informed
met("informed_or_consent") if informed
met("informed_or_consent") if count(consented) > 0
met("service_agreement") if input.facts.service == "given"
met("service_not_declined") if not input.facts.service in {"declined", "withdrawn"}
met("stated_reason") if flag("STATED_REASON")
met("grant") if {
	access.starts_on <= today
	today <= access.until
}

# an override stands in for every need but access: that ends by itself
lacks(need) if {
	need == "grant"
	not met(need)
}
lacks(need) if {
	need != "grant"
	not met(need)
	not overridden
}

lacking contains i if {
	basis != "duty_16la"
	some i, need in rule.needs
	lacks(need)
}

already_returned if {
	basis != "duty_16la"
	rule.every == "month"
	some back in input.facts.returns
	back.recipient == input.recipient
	back.purpose == input.purpose
	back.month == substring(today, 0, 7)
}

# a consent that opens the road is also how wide it is
only_by_consent(need) if need == "consent"
only_by_consent(need) if {
	need == "informed_or_consent"
	not informed
}

narrowed if basis == "consent"
narrowed if {
	basis != "duty_16la"
	not overridden
	some need in rule.needs
	only_by_consent(need)
}

# -- bars -------------------------------------------------------------------------------------------------------------

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
	"LAW_REQUIRES" in accepted
	one_is_enough
}
law_is_enough if {
	basis == "legal_obligation"
	accepted == ["LAW_REQUIRES"]
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

weighed if {
	data.policy.override.instructions == "weigh"
	not questionable
}

# an override that is claimed and does not suffice is put before a person; without one the answer is no
weighing := "REVIEW" if questionable
else := "DENY"

# the first bar that stands decides
bar := weighing if {
	basis == "none"
} else := "REVIEW" if {
	person_first
} else := weighing if {
	out_of_scope
} else := "DENY" if {
	rule.needs[min(lacking)] == "grant"
} else := weighing if {
	count(lacking) > 0
} else := "DENY" if {
	already_returned
} else := weighing if {
	barred_by_instruction
	not weighed
} else := "REVIEW" if {
	barred_by_instruction
	not flag("RULED_PERMIT")
} else := "DENY" if {
	input.facts.restricted
	not compelled
} else := "REVIEW" if {
	input.facts.restricted
	not flag("RULED_PERMIT")
} else := "REVIEW" if {
	objected
	not flag("RULED_PERMIT")
} else := "REVIEW" if {
	basis == "public_task"
	no_threshold
	not overridden
}

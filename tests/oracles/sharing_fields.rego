# Which data categories go, once a decision is to release.
package sharing

import rego.v1

# -- fields ---------------------------------------------------------------------------------------------------------

listed := {category | some category in rule.only} if count(rule.only) > 0
else := {category | some group in rule.groups; some category in data.policy.groups[group]}

may_identify(category) if {
	category in class.identifiers
	category in kind.identifiers
}

criminal_road if {
	class.criminal
	kind.criminal
	form.criminal
	"criminal_offence" in rule.conditions
}

carried(_) if count(form.collects) == 0
carried(category) if {
	some group in form.collects
	category in data.policy.groups[group]
}

may_hold(category) if not withheld_from_class(category)

withheld_from_class(category) if {
	data.policy.categories[category].identifier != ""
	not may_identify(category)
}
withheld_from_class(category) if {
	data.policy.categories[category].special == "art10"
	not criminal_road
}
withheld_from_class("worker_risk") if not class.visits_family

# no consent rides where the person said not to share
explicit if {
	"explicit_consent" in rule.conditions
	not instructed
}

condition_met if {
	explicit
	basis in {"consent", "contact_permission"}
}
condition_met if {
	"health_or_social_care" in rule.conditions
	class.confidential
	kind.confidential
}
condition_met if {
	"substantial_public_interest" in rule.conditions
	basis in {"duty_16la", "legal_obligation", "public_task"}
	not purpose.contact_only
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
	explicit
	category in consented
}

sensitive_ok(_) if input.facts.s47
sensitive_ok(_) if "RISK_OF_HARM" in limbs
sensitive_ok(category) if {
	category in consented
	not instructed
}

unfit(category) if {
	narrowed
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
	carried(category)
	may_hold(category)
	not unfit(category)
}

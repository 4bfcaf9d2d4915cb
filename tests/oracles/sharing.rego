# The sharing decision in Rego: a second, independent reading of the policy data (tests/oracles/as_data.py).
# `decision` is PERMIT, DENY or REVIEW for one recipient; `kept` the data categories that go.
# The register, the doubts, the refusals and the decision are here; sharing_bars.rego and sharing_fields.rego hold the rest.
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

# What the law leaves a body of the recipient's kind. It knows no other kinds, so that of those nothing here is true.
kind := data.policy.kinds[class.kind]

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
	rule.switched
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
elsewhere if {
	class.select == "involved"
	not input.recipient in input.involved
}

declined if {
	input.facts.service in {"declined", "withdrawn"}
	form.before_consent
	not by_duty
}

refused if elsewhere
refused if declined
refused if flag("DETRIMENT")

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
} else := bar if {
	bar
} else := "DENY" if {
	count(goes) == 0
} else := "PERMIT"

kept := [category | some category in goes] if decision == "PERMIT"
else := []

answer := {"decision": decision, "kept": kept}

# SPDX-License-Identifier: Apache-2.0
# Write the templates of frameworks that fill slots, from a table of the
# slots: awk -v dir=FOLDER -f slots.awk frameworks.slots
#
# A paragraph of the table is a template: the names it goes by, then a line for
# each slot.  Makes FOLDER/<name>.jinja (with + for the colon of the name) and
# FOLDER/names.inc, ALIAS("name", "template") for the names beyond the first.

function jinja(text) { # a literal; \n stays an escape
	gsub(/\\s/, " ", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function emit(text) {
	printf "%s%s\n", pad, text >file
}

function flush_sum() {
	if (sum != "")
		emit("{{- " sum " -}}")
	sum = ""
}

function add(term) {
	sum = sum == "" ? term : sum " + " term
}

# Print a slot; {} in it is the expression `content`.
function put(slot, content,    word) {
	while (match(slot, /[{][a-z0-9]*[}]/)) {
		if (RSTART > 1)
			add(jinja(substr(slot, 1, RSTART - 1)))
		word = substr(slot, RSTART + 1, RLENGTH - 2)
		slot = substr(slot, RSTART + RLENGTH)
		if (word == "bos" || word == "eos") {
			flush_sum()
			emit("{{- " word "_token -}}")
		} else if (word == "round0") {
			add("(loop.index0 // 2)|string")
		} else if (word == "round1") {
			add("(loop.index0 // 2 + 1)|string")
		} else if (word == "strip") {
			add(content ".strip()")
		} else if (word == "said") {
			add("(" content ".split('</think>')[-1].strip() if '</think>' in " \
			    content " else " content ")")
		} else if (word == "flat") {
			add(content ".replace('\\r\\n', '\\n').replace('\\n\\n', '\\n')")
		} else {
			add(content)
		}
	}
	if (slot != "")
		add(jinja(slot))
	flush_sum()
}

function expression(slot, content,    at) {
	at = index(slot, "{}")
	sum = ""
	if (at > 1)
		add(jinja(substr(slot, 1, at - 1)))
	add(content)
	if (length(slot) > at + 1)
		add(jinja(substr(slot, at + 2)))
	slot = sum
	sum = ""
	return slot
}

# How a slot writes the stop marker of the family.
function stop_of(tokens,    i, n, parts, stop) {
	n = split(tokens, parts, " ")
	for (i = 1; i <= n; i++) {
		if (sub(/^stop=/, "", parts[i]))
			stop = parts[i]
	}
	return index(slots["answer"], "{eos}") > 0 ? "{eos}" : stop
}

function framework(name) {
	if (name ~ /^llamafactory:/)
		return "LLaMA-Factory"
	if (name ~ /^lmflow:/)
		return "LMFlow"
	return name ~ /^fastchat:/ ? "FastChat" : "axolotl"
}

function head(    i, list) {
	for (i = 1; i <= nnames; i++) {
		list = list (i == 1 ? "" : i == nnames ? " and " : ", ")
		list = list substr(names[i], index(names[i], ":") + 1)
	}
	printf "{#- SPDX-License-Identifier: Apache-2.0\n" >file
	if ("tokens" in slots)
		printf "    turnlint: %s\n", slots["tokens"] >file
	printf "    Turns as %s writes them for its template%s %s%s. -#}\n", \
	    framework(names[1]), (nnames > 1 ? "s" : ""), list, \
	    (names[1] ~ /^fastchat:/ ? "; BOS is the tokenizer's" : "") >file
}

function system_part(    missing, given) {
	missing = slots["default"]
	given = "messages[0]['content']"
	emit("{%- set turns = messages -%}")
	emit("{%- set system = " (missing ~ /^!/ ? "''" : jinja(missing)) " -%}")
	emit("{%- if messages[0]['role'] == 'system' -%}")
	pad = "    "
	if ("alone" in slots)
		emit("{{- raise_exception('There is no place for a system prompt') -}}")
	emit("{%- set turns = messages[1:] -%}")
	if (missing != "" && missing !~ /^!/ && names[1] ~ /^llamafactory:/)
		given = given " or system"
	emit("{%- set system = " given " -%}")
	pad = ""
	emit("{%- endif -%}")
	if (missing ~ /^!/) {
		emit("{%- if not system -%}")
		emit("    {{- raise_exception('The default system prompt of " \
		    names[1] " (" substr(missing, 2) " characters) is not " \
		    "known here: give the conversation a system message') -}}")
		emit("{%- endif -%}")
	}
	if ("inside" in slots) {
		emit("{%- set lead = " expression(slots["system"], "system") \
		    " if system else '' -%}")
		put(slots["prefix"])
		return
	}
	put(slots["prefix"])
	if ("always" in slots) {
		put(slots["system"], "system")
	} else if ("system" in slots) {
		emit("{%- if system -%}")
		pad = "    "
		put(slots["system"], "system")
		pad = ""
		if ("none" in slots) {
			emit("{%- else -%}")
			pad = "    "
			put(slots["none"])
			pad = ""
		}
		emit("{%- endif -%}")
	}
}

function user_part(    content) {
	content = "message['content']"
	pad = "        "
	if ("inside" in slots)
		content = "(lead if loop.first else '') + " content
	if ("first" in slots) {
		emit("{%- if loop.first -%}")
		pad = "            "
		put(slots["first"], content)
		pad = "        "
		emit("{%- else -%}")
		pad = "            "
	}
	put(slots["user"], content)
	if ("first" in slots) {
		pad = "        "
		emit("{%- endif -%}")
	}
}

# The answer up to its stop marker is what a model is to learn; what comes
# before its content is the header's.
function answer_part(    words, answer, rest, stop, at) {
	answer = slots["answer"]
	rest = ""
	stop = stop_of(slots["tokens"])
	at = stop == "" ? 0 : index(answer, stop)
	if (at == 0)
		at = index(answer, "}") + 1
	else
		at += length(stop)
	rest = substr(answer, at)
	answer = substr(answer, 1, at - 1)
	pad = "        "
	at = match(answer, /[{](flat|strip|said)?[}]/)
	if ("think" in slots || at == 1) {
		put(slots["header"])
	} else {
		put(slots["header"] substr(answer, 1, at - 1))
		answer = substr(answer, at)
	}
	emit("{%- generation -%}")
	pad = "            "
	if ("think" in slots) {
		split(slots["words"], words, " ")
		emit("{%- if " jinja(words[1]) " not in message['content'] and " \
		    jinja(words[2]) " not in message['content'] -%}")
		emit("    {{- " jinja(slots["think"]) " -}}")
		emit("{%- endif -%}")
	}
	put(answer, "message['content']")
	pad = "        "
	emit("{%- endgeneration -%}")
	put(rest)
}

function turns() {
	pad = ""
	if ("last" in slots)
		emit("{%- set turns = turns[-" slots["last"] ":] -%}")
	emit("{%- for message in turns -%}")
	pad = "    "
	emit("{%- if message['role'] != ('user' if loop.index is odd else 'assistant') -%}")
	emit("    {{- raise_exception('After the optional system message, user and assistant must take turns') -}}")
	emit("{%- endif -%}")
	emit("{%- if message['role'] == 'user' -%}")
	user_part()
	pad = "    "
	emit("{%- else -%}")
	answer_part()
	pad = "    "
	emit("{%- endif -%}")
	pad = ""
	emit("{%- endfor -%}")
}

function finish(    i) {
	if (nnames == 0)
		return
	file = names[1]
	sub(/:/, "+", file)
	file = dir "/" file ".jinja"
	head()
	pad = ""
	system_part()
	turns()
	if (slots["header"] slots["prompt"] != "") {
		emit("{%- if add_generation_prompt -%}")
		pad = "    "
		put(slots["prompt"] != "" ? slots["prompt"] : slots["header"])
		pad = ""
		emit("{%- endif -%}")
	}
	if ("tail" in slots) {
		emit("{%- if not add_generation_prompt -%}")
		pad = "    "
		put(slots["tail"])
		pad = ""
		emit("{%- endif -%}")
	}
	close(file)
	for (i = 2; i <= nnames; i++)
		printf "ALIAS(\"%s\", \"%s\")\n", names[i], names[1] \
		    >(dir "/names.inc")
	nnames = 0
}

BEGIN { printf "" >(dir "/names.inc") }
/^#/ { next }
/^$/ { finish(); next }
/^\t/ {
	at = index($0, " ")
	slots[substr($0, 2, at - 2)] = substr($0, at + 1)
	next
}
{
	finish()
	split("", slots)
	nnames = split($0, names, " ")
}
END { finish() }

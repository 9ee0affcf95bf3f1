#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records that a careless viewer would let drive the terminal.  Characters are
# written as JSON escapes, so this file is harmless itself.
cat <<'EOF'
{"id":"esc-1","messages":[{"role":"user","content":"Print \u001b[31mred\u001b[0m and \u0007 bell, then \u001b]0;owned\u0007 title"},{"role":"assistant","content":"No: \u009b31m is CSI too.\tTab\r\nCRLF"}]}
{"id":"bidi-1","messages":[{"role":"user","content":"access \u202e\u2066 level\u2069\u202c admin \u200bzero\u200dwidth \ufeff"},{"role":"assistant","content":"\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"}]}
{"id":"wide-1","messages":[{"role":"user","content":"日本語の文章です。全角\u3000スペース。中文\u00b7测试"},{"role":"assistant","content":"\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 family \ud83c\uddeb\ud83c\uddf7 flag \u2764\ufe0f heart \ud83d\udc4d\ud83c\udffd thumb \u00e9 e\u0301"}]}
{"id":"zalgo","messages":[{"role":"user","content":"Z\u0301\u0302\u0303\u0304\u0305\u0306\u0301\u0302\u0303\u0304algo"},{"role":"assistant","content":"\u27e6not a mark\u27e7 \u00b7dot \u2039U+0041\u203a [brackets] | pipe"}]}
{"id":"\u001b[2Jid","messages":[{"role":"us\u001ber","content":"x"},{"role":"assistant","content":""}]}
EOF
printf '{"id":"long","messages":[{"role":"user","content":"'
i=0
while [ $i -lt 400 ]; do
	printf 'word '
	i=$((i + 1))
done
printf '"},{"role":"assistant","content":"%0900d"}]}\n' 7
echo '{"id": "broken", "messages": [}'

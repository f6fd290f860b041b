package message

import (
	"strings"
	"unicode"
)

// NewText is what is new in text: without the history that mail programs quote
// and without the signature after "-- ". It is a view for reading; the text
// itself is kept whole. Answers below and between quotations stay; forwarded
// messages stay, as they are what the sender wants to tell. Where nothing is
// new it is "". Linear in the text.
//
// The forms: ">" levels (RFC 3676), "On … wrote:" of Gmail, Apple Mail and
// Thunderbird in the languages of our countries and their neighbours, and
// Outlook's "-----Izvirno sporočilo-----" and "Od: Poslano: Za: Zadeva:".
func NewText(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var out []string
	signature := false
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if quoted(l) {
			signature = false
			continue
		}
		if forwarded(l) {
			out = append(out, lines[i:]...)
			break
		}
		if original(l) || outlook(lines[i:]) {
			break
		}
		if n := attribution(lines[i:]); n > 0 {
			if next := i + n; !quotedNext(lines[next:]) {
				break // a program that doesn't mark the lines it quotes
			}
			i += n - 1
			signature = false
			continue
		}
		if l == "-- " || l == "--" && i == len(lines)-1 {
			signature = true
		}
		if !signature {
			out = append(out, l)
		}
	}
	return tidy(out)
}

func quoted(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " \t\u00A0"), ">")
}

// quotedNext: the next line that isn't empty is a quotation, or there is none.
func quotedNext(lines []string) bool {
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			return quoted(l)
		}
	}
	return true
}

// words that a program writes between dashes, or alone.
var (
	originals = []string{"original message", "izvirno sporočilo", "izvorno sporočilo", "prvotno sporočilo", "pôvodná správa", "ursprüngliche nachricht", "messaggio originale", "izvorna poruka", "исходное сообщение"}
	forwards  = []string{"forwarded message", "begin forwarded message", "posredovano sporočilo", "začetek posredovanega sporočila", "preposlaná správa", "weitergeleitete nachricht", "proslijeđena poruka", "пересылаемое сообщение"}
)

func original(line string) bool { return strings.HasPrefix(line, "--") && among(line, originals) }

func forwarded(line string) bool {
	return (strings.HasPrefix(line, "--") || strings.HasSuffix(strings.TrimSpace(line), ":")) && among(line, forwards)
}

func among(line string, set []string) bool {
	if len(line) > 120 {
		return false
	}
	line = strings.ToLower(strings.Trim(line, " -_:\t\u00A0"))
	for _, s := range set {
		if line == s {
			return true
		}
	}
	return false
}

// maxAttribution is how long an attribution may be, over at most three lines.
const maxAttribution = 400 // bytes

// openers begin an attribution, verbs end it: "Dne 23. 11. 2026 ob 12:00 je Ana
// napisal/-a:".
var (
	openers = []string{"On ", "Dne ", "V ", "Oseba ", "Dana ", "Dňa ", "Am ", "Il ", "Le "}
	verbs   = []string{" wrote", " napisal", " napísal", " napsal", " schrieb", " ha scritto", " je napisao", " пишет", " написал"}
)

// attribution is how many lines at the start of lines say who wrote what
// follows; 0 is none. A date or an address must be in it: "Minister je
// napisal:" is a sentence of the sender.
func attribution(lines []string) int {
	joined := ""
	for n, l := range lines[:min(3, len(lines))] {
		l = strings.TrimSpace(l)
		if l == "" || len(joined)+len(l) > maxAttribution || n > 0 && quoted(l) {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + l)
		if n == 0 && !opens(joined) {
			return 0
		}
		if strings.HasSuffix(l, ":") && closes(joined) {
			return n + 1
		}
	}
	return 0
}

func opens(s string) bool {
	for _, o := range openers {
		if strings.HasPrefix(s, o) {
			return true
		}
	}
	return strings.Contains(s, "@") || s != "" && unicode.IsDigit(rune(s[0]))
}

func closes(s string) bool {
	digit := strings.ContainsFunc(s, unicode.IsDigit)
	for _, v := range verbs {
		if i := strings.LastIndex(s, v); i >= 0 && (digit || strings.Contains(s, "@")) {
			tail := s[i+len(v):] // "a:", "(a):", "/-a:", and in German the name
			return !strings.Contains(tail, " ") || v == " schrieb"
		}
	}
	return false
}

// labels of the block that Outlook puts before what it quotes.
var labels = map[string]string{
	"od": "from", "from": "from", "von": "from", "da": "from", "от": "from",
	"poslano": "sent", "sent": "sent", "date": "sent", "datum": "sent", "gesendet": "sent", "odoslané": "sent", "inviato": "sent", "отправлено": "sent", "дата": "sent",
	"za": "to", "to": "to", "an": "to", "komu": "to", "a": "to", "кому": "to",
	"zadeva": "subject", "subject": "subject", "betreff": "subject", "predmet": "subject", "oggetto": "subject", "тема": "subject",
	"kp": "cc", "cc": "cc",
}

// outlook: a block that begins with From and names two more within ten lines.
// A line of underscores or an empty one may stand before it.
func outlook(lines []string) bool {
	if strings.Trim(lines[0], "_ ") == "" && strings.HasPrefix(lines[0], "___") && len(lines) > 1 {
		lines = lines[1:]
	}
	if label(lines[0]) != "from" {
		return false
	}
	seen := map[string]bool{}
	for _, l := range lines[1:min(10, len(lines))] {
		if k := label(l); k != "" && k != "from" {
			seen[k] = true
		}
	}
	return len(seen) >= 2
}

func label(line string) string {
	name, _, ok := strings.Cut(line[:min(len(line), 40)], ":")
	if !ok {
		return ""
	}
	return labels[strings.ToLower(strings.Trim(name, " *\t\u00A0"))]
}

// tidy joins lines without empty ones at the ends and with one at most between.
func tidy(lines []string) string {
	var b strings.Builder
	empty := false
	for _, l := range lines {
		l = strings.TrimRight(l, " \t\u00A0")
		if l == "" {
			empty = b.Len() > 0
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if empty {
			b.WriteByte('\n')
			empty = false
		}
		b.WriteString(l)
	}
	return b.String()
}

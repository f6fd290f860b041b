package channel

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Plain is what an HTML body says, for mail that has no text of its own: words
// in order, blocks on lines of their own, without script, style and head. It
// follows nothing, and it is a view: the HTML stays in the raw mail.
func Plain(page string) string {
	var (
		b      strings.Builder
		hidden atom.Atom // the element whose text isn't shown
		ends   int       // line ends at the end of b
		gap    bool      // white space since the last word
	)
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return Text(strings.TrimSpace(b.String()))
		case html.TextToken:
			if hidden != 0 {
				continue
			}
			text := Text(string(z.Text()))
			words := strings.Fields(text)
			gap = gap || strings.TrimLeftFunc(text, unicode.IsSpace) != text
			for _, w := range words {
				if gap && ends == 0 && b.Len() > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(w)
				ends, gap = 0, true
			}
			gap = gap && (len(words) == 0 || strings.TrimRightFunc(text, unicode.IsSpace) != text)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			tag, _ := z.TagName()
			switch a := atom.Lookup(tag); {
			case hidden != 0:
				if a == hidden && kind == html.EndTagToken {
					hidden = 0
				}
			case unseen[a] && kind == html.StartTagToken:
				hidden = a
			case b.Len() > 0 && (a == atom.Br && kind != html.EndTagToken && ends < 2 || blocks[a] && ends < 1):
				b.WriteByte('\n')
				ends, gap = ends+1, false
			}
		}
	}
}

var unseen = map[atom.Atom]bool{atom.Head: true, atom.Script: true, atom.Style: true, atom.Title: true, atom.Template: true}

var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Tr: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Table: true, atom.Blockquote: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Pre: true, atom.Hr: true, atom.Section: true, atom.Article: true,
}

package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a pack file, far above any real pack.
const (
	maxFile  = 1 << 20
	maxDepth = 24
	maxNodes = 50_000
)

// node is a parsed YAML value that knows its line. Exactly one of obj, items
// and val is set.
type node struct {
	line  int
	keys  []string // of obj, in file order
	obj   map[string]*node
	items []*node
	val   any // string, int64, float64 or bool
}

func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	return n.obj[key]
}

func (n *node) str(key string) string {
	if c := n.get(key); c != nil {
		s, _ := c.val.(string)
		return s
	}
	return ""
}

// plain is the value as encoding/json and the schema validator know it.
func (n *node) plain() any {
	switch {
	case n.obj != nil:
		m := make(map[string]any, len(n.obj))
		for k, c := range n.obj {
			m[k] = c.plain()
		}
		return m
	case n.items != nil:
		a := make([]any, len(n.items))
		for i, c := range n.items {
			a[i] = c.plain()
		}
		return a
	}
	return n.val
}

// at follows a JSON pointer's tokens as far as it can.
func (n *node) at(tokens []string) *node {
	for _, t := range tokens {
		next := n.get(t)
		if i, err := strconv.Atoi(t); err == nil && n.items != nil && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

type syntaxError struct {
	line int
	text string
}

func (e *syntaxError) Error() string { return e.text }

var (
	yamlLine   = regexp.MustCompile(`line (\d+): `)
	yamlAnchor = regexp.MustCompile(`unknown anchor '([^']+)'`)
)

// parse reads one YAML document of plain objects, lists and scalars. Aliases,
// anchors, tags of one's own, merge keys, repeated keys, nulls and numbers that
// are not finite are refused, because a reader of the file would not see what
// they stand for.
func parse(data []byte) (*node, *syntaxError) {
	if len(data) > maxFile {
		return nil, &syntaxError{1, fmt.Sprintf("file over %d bytes", maxFile)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &syntaxError{1, "empty file"}
		}
		return nil, yamlError(err, data)
	}
	if err := dec.Decode(&more); err == nil {
		return nil, &syntaxError{max(more.Line, 1), "more than one document in a file"}
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(err, data)
	}
	if len(doc.Content) != 1 {
		return nil, &syntaxError{1, "empty file"}
	}
	b := builder{}
	n := b.build(doc.Content[0], 0)
	if b.err != nil {
		return nil, b.err
	}
	return n, nil
}

func yamlError(err error, data []byte) *syntaxError {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = strings.Replace(text, m[0], "", 1)
	} else if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		// The parser gives no line for an alias without its anchor.
		if before, _, ok := bytes.Cut(data, []byte("*"+m[1])); ok {
			line = bytes.Count(before, []byte("\n")) + 1
		}
	}
	return &syntaxError{max(line, 1), text}
}

type builder struct {
	nodes int
	err   *syntaxError
}

func (b *builder) fail(y *yaml.Node, format string, args ...any) *node {
	if b.err == nil {
		b.err = &syntaxError{max(y.Line, 1), fmt.Sprintf(format, args...)}
	}
	return &node{line: y.Line}
}

func (b *builder) build(y *yaml.Node, depth int) *node {
	b.nodes++
	switch {
	case b.err != nil:
		return &node{line: y.Line}
	case depth > maxDepth:
		return b.fail(y, "nested deeper than %d", maxDepth)
	case b.nodes > maxNodes:
		return b.fail(y, "more than %d values", maxNodes)
	case y.Anchor != "" || y.Kind == yaml.AliasNode:
		return b.fail(y, "anchors and aliases are not allowed: write the value out")
	}
	n := &node{line: y.Line}
	switch y.Kind {
	case yaml.MappingNode:
		n.obj = make(map[string]*node, len(y.Content)/2)
		for i := 0; i+1 < len(y.Content); i += 2 {
			k := y.Content[i]
			if k.Kind != yaml.ScalarNode || k.ShortTag() != "!!str" && k.ShortTag() != "!!timestamp" || k.Anchor != "" {
				return b.fail(k, "a key must be plain text: quote it")
			}
			if _, twice := n.obj[k.Value]; twice {
				return b.fail(k, "key %q appears twice", k.Value)
			}
			c := b.build(y.Content[i+1], depth+1)
			c.line = k.Line
			n.keys = append(n.keys, k.Value)
			n.obj[k.Value] = c
		}
	case yaml.SequenceNode:
		n.items = make([]*node, 0, len(y.Content))
		for _, c := range y.Content {
			n.items = append(n.items, b.build(c, depth+1))
		}
	case yaml.ScalarNode:
		return b.scalar(y, n)
	default:
		return b.fail(y, "unexpected YAML node")
	}
	return n
}

func (b *builder) scalar(y *yaml.Node, n *node) *node {
	switch tag := y.ShortTag(); tag {
	case "!!str", "!!timestamp":
		n.val = y.Value
	case "!!bool":
		var v bool
		if y.Decode(&v) != nil {
			return b.fail(y, "not a truth value")
		}
		n.val = v
	case "!!int":
		var v int64
		if y.Decode(&v) != nil {
			return b.fail(y, "number too large")
		}
		n.val = v
	case "!!float":
		var v float64
		if y.Decode(&v) != nil || v != v || v > 1e15 || v < -1e15 {
			return b.fail(y, "not a finite number")
		}
		n.val = v
	case "!!null":
		return b.fail(y, "empty value: leave the key out")
	default:
		return b.fail(y, "tag %s is not allowed", tag)
	}
	return n
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

package record

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Category is the kind of personal data a field holds: it picks the generic
// term when the record is anonymised (K17) and the heading in an access package.
type Category string

const (
	Identity   Category = "identity"   // names
	Address    Category = "address"    // phone, mail, provider user id, postal address
	Content    Category = "content"    // what was said or written, by or about the person
	Place      Category = "place"      // where the person is or was
	Identifier Category = "identifier" // EMŠO, tax number, provider message ids
	Activity   Category = "activity"   // what the person or an adviser did, and from where
	Credential Category = "credential" // hashes of PINs and codes
	Health     Category = "health"     // art. 9 GDPR
)

// Categories is the closed set.
var Categories = []Category{Identity, Address, Content, Place, Identifier, Activity, Credential, Health}

// Purpose is why a field was collected (art. 5(1)(b) GDPR). shared/access says
// which purposes of use may open it.
type Purpose string

const (
	ForService Purpose = "service" // answering people: the contact centre's own work
	ForProof   Purpose = "proof"   // showing what was done: logs, registers, consents
)

// Purposes is the closed set.
var Purposes = []Purpose{ForService, ForProof}

// Field is what the tag of one struct field says.
type Field struct {
	Name     string // Go name
	Personal bool
	File     bool
	Parties  bool // it names persons who may be others than the owner
	Category Category
	Owner    string // expression: ".Field" or "~tenantowner"
	Class    string // expression: ".Field" or a class name
	Purpose  Purpose
	Link     bool // technical: ids that lead to a person's records; dropped when the record is made anonymous
	index    int
}

const tagName = "data"

// classify reads the tags of a struct type. Its errors name the field and say
// what is missing.
func classify(t reflect.Type) ([]Field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("record: %s is no struct", t)
	}
	var defaults Field
	if f, ok := t.FieldByName("_"); ok {
		if err := defaults.parse(f.Tag.Get(tagName)); err != nil {
			return nil, fmt.Errorf("record: %s defaults: %w", t, err)
		}
	}
	var fields []Field
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Name == "_" {
			continue
		}
		f := defaults
		f.Name, f.index = sf.Name, i
		tag, ok := sf.Tag.Lookup(tagName)
		if !ok {
			return nil, fmt.Errorf(`record: %s.%s has no data tag: is it "technical" or "personal CATEGORY"?`, t, sf.Name)
		}
		if !sf.IsExported() || sf.Anonymous {
			return nil, fmt.Errorf("record: %s.%s is unexported or embedded: it would be lost", t, sf.Name)
		}
		if err := f.parse(tag); err != nil {
			return nil, fmt.Errorf("record: %s.%s: %w", t, sf.Name, err)
		}
		if err := f.check(t, sf); err != nil {
			return nil, fmt.Errorf("record: %s.%s: %w", t, sf.Name, err)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func (f *Field) parse(tag string) error {
	for _, word := range strings.Fields(tag) {
		key, value, pair := strings.Cut(word, "=")
		switch {
		case word == "technical":
			f.Personal = false
		case word == "personal":
			f.Personal = true
		case word == "link":
			f.Link = true
		case word == "file":
			f.File = true
		case word == "parties":
			f.Parties = true
		case pair && key == "owner":
			f.Owner = value
		case pair && key == "class":
			f.Class = value
		case pair && key == "purpose":
			f.Purpose = Purpose(value)
		case !pair:
			f.Category = Category(word)
		default:
			return fmt.Errorf("unknown word %q in the data tag", word)
		}
	}
	return nil
}

func (f *Field) check(t reflect.Type, sf reflect.StructField) error {
	if !f.Personal {
		if f.File || f.Parties || (f.Category != "") {
			return fmt.Errorf("technical, and yet a category, a file or parties")
		}
		return nil
	}
	if f.Link {
		return fmt.Errorf("a link is technical")
	}
	if !slices.Contains(Categories, f.Category) {
		return fmt.Errorf("personal data of unknown category %q", f.Category)
	}
	if !slices.Contains(Purposes, f.Purpose) {
		return fmt.Errorf("personal data of unknown purpose %q", f.Purpose)
	}
	if f.File && sf.Type != reflect.TypeFor[[]byte]() {
		return fmt.Errorf("a file must be []byte")
	}
	if f.Owner == "" || f.Class == "" {
		return fmt.Errorf("personal data without owner or retention class")
	}
	for _, expr := range []string{f.Owner, f.Class} {
		name, isField := strings.CutPrefix(expr, ".")
		if !isField {
			continue
		}
		ref, ok := t.FieldByName(name)
		if !ok || ref.Type.Kind() != reflect.String {
			return fmt.Errorf("%s is no text field", expr)
		}
		if tag := ref.Tag.Get(tagName); !strings.HasPrefix(tag, "technical") {
			return fmt.Errorf("%s must be technical: it is stored beside the sealed part", expr)
		}
	}
	if !strings.HasPrefix(f.Owner, ".") && !strings.HasPrefix(f.Owner, "~") {
		return fmt.Errorf(`owner %q is neither a field (".Name") nor the tenant's ("~name")`, f.Owner)
	}
	return nil
}

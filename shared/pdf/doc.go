// Package pdf prints plain text as PDF 1.7 (ISO 32000-1): headings and
// paragraphs in Courier, A4, in the Latin alphabets of central Europe. The same
// text gives the same bytes. It embeds no font: Courier is one of the 14 that
// every reader has (9.6.2.2), and its glyphs are named by an encoding of our own
// (9.6.6). A ToUnicode map lets text be searched and copied.
package pdf

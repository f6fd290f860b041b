// Package breach is the register of personal data breaches (GDPR art. 33(5)):
// the case, its instants, our organisation's role towards each party, the
// clocks and tasks that follow from role, instant and terms, the assessment,
// the decisions that only named persons take, and what a notice must hold.
//
// Rules K26, K27, M08, M09, L07, S19, sections C and D of the rules; EDPB
// Guidelines 9/2022 (awareness) and 01/2021 (examples).
//
// Pure: values in, values out; time is an argument, instants are UTC. Where the
// terms of the parties come from, the caller knows: [Terms] holds them with the
// clause of each. Errors name what is wrong and never what was written.
package breach

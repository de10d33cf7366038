/** An invented user of the demo service. */
export interface Person {
  id: string;
  name: string;
  email: string;
  color: string;
}

export const PEOPLE: Person[] = [
  { id: "alice", name: "Alice Example", email: "alice@demo.example", color: "#7b3fa0" },
  { id: "bob", name: "Bob Example", email: "bob@demo.example", color: "#0b6e69" },
];

export function findPerson(id: string | null | undefined): Person | undefined {
  return PEOPLE.find((person) => person.id === id);
}

export function picturePath(id: string): string {
  return `/people/${id}.svg`;
}

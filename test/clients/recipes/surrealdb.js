// npm install surrealdb @surrealdb/node jose
import { createNodeEngines } from "@surrealdb/node";
import { exportSPKI, importJWK } from "jose";
import { createRemoteEngines, Surreal } from "surrealdb";

const issuer = process.env.ISSUER; // https://auth.example.com/github
const clientId = process.env.APP_URL; // https://app.example/

export async function openDatabase(address = "mem://") {
  const db = new Surreal({ engines: { ...createRemoteEngines(), ...createNodeEngines() } });
  await db.connect(address);
  return db;
}

/** Once, as the database's owner, and again after each change of the signing key: SurrealDB keeps the key itself. */
export async function setUp(db) {
  const { keys } = await (await fetch(`${issuer}/jwks.json`)).json();
  const key = await exportSPKI(await importJWK(keys[0]));
  await db.query("DEFINE NAMESPACE IF NOT EXISTS notes");
  await db.use({ namespace: "notes" });
  await db.query("DEFINE DATABASE IF NOT EXISTS notes");
  await db.use({ namespace: "notes", database: "notes" });
  await db.query(`
    DEFINE TABLE OVERWRITE user SCHEMALESS;
    DEFINE TABLE OVERWRITE note SCHEMALESS PERMISSIONS FOR select, create, update, delete WHERE owner = $auth;
    DEFINE ACCESS OVERWRITE app ON DATABASE TYPE RECORD
      WITH JWT ALGORITHM ${keys[0].alg} KEY ${JSON.stringify(key)}
      AUTHENTICATE {
        IF $token.iss != ${JSON.stringify(issuer)} { THROW "This token has another issuer." };
        IF $token.aud != ${JSON.stringify(clientId)} { THROW "This token is for another app." };
        RETURN type::record("user", [$token.iss, $token.sub]);
      };
  `);
}

/** In the page, with a connection of its own and what auth.idToken() returns. */
export async function logIn(db, idToken) {
  await db.use({ namespace: "notes", database: "notes" });
  await db.authenticate(idToken);
}

export async function addNote(db, text) {
  await db.query("CREATE note SET owner = $auth, text = $text", { text });
}

export async function readNotes(db) {
  const [notes] = await db.query("SELECT VALUE text FROM note");
  return notes;
}

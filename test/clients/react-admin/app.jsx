/**
 * A small react-admin app as its author would write it. PROVIDER and OPTIONS are put in by the test, which bundles it.
 */

import { createAuthProvider } from "https://auth.example.com/react-admin.js";
import { Admin, DataTable, HttpError, List, Login, Resource, useLogin, useNotify, usePermissions } from "react-admin";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";

const authProvider = createAuthProvider({ service: "demo", ...OPTIONS.auth }, OPTIONS.reactAdmin);

/** The API of the app, which takes the service's tokens; the test decides what it answers. */
const dataProvider = {
  async getList() {
    const authorization = `Bearer ${await authProvider.auth.token()}`;
    const response = await fetch("/api/posts", { headers: { authorization } });
    const body = await response.json();
    if (!response.ok) throw new HttpError(body.message, response.status, body);
    return { data: body, total: body.length };
  },
};

function LoginPage() {
  const login = useLogin();
  const notify = useNotify();
  const logIn = () => login({}).catch((error) => notify(error.message, { type: "error" }));
  return (
    <Login>
      <button onClick={logIn}>Log in with Demo</button>
    </Login>
  );
}

function PostList() {
  const { permissions } = usePermissions();
  return (
    <List>
      <p>Permissions: {JSON.stringify(permissions)}</p>
      <DataTable>
        <DataTable.Col source="title" />
      </DataTable>
    </List>
  );
}

const admin = (
  <Admin authProvider={authProvider} dataProvider={dataProvider} loginPage={LoginPage} requireAuth disableTelemetry>
    <Resource name="posts" list={PostList} />
  </Admin>
);

// Without one, react-admin keeps its routes in the fragment; then it has no address for handleCallback.
createRoot(document.getElementById("root")).render(
  OPTIONS.browserRouter ? <BrowserRouter>{admin}</BrowserRouter> : admin,
);

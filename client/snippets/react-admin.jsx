import { createAuthProvider } from "https://auth.example.com/react-admin.js";
import { Admin, Button, Login, useLogin, useNotify } from "react-admin";
import { dataProvider, resources } from "./data.js";

const authProvider = createAuthProvider({ service: "github" });

const LoginPage = () => {
  const login = useLogin();
  const notify = useNotify();
  const logIn = () => login({}).catch((error) => notify(error.message, { type: "error" }));
  return (
    <Login>
      <Button label="Log in with GitHub" onClick={logIn} />
    </Login>
  );
};

export const App = () => (
  <Admin authProvider={authProvider} dataProvider={dataProvider} loginPage={LoginPage} requireAuth>
    {resources}
  </Admin>
);

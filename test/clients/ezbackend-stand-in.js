import fastifyPassport from "@fastify/passport";

/**
 * What a custom provider of EzBackend inherits and is called by, as its documentation describes it. (EzBackend itself
 * needs a native database driver of its time, which today's Node cannot build.)
 */
export class BaseProvider {
  constructor(providerName, modelName) {
    this.providerName = providerName;
    this.modelName = modelName;
  }

  addProvider(instance, options) {
    const [name, strategy] = this.addStrategy(instance, instance.server, options);
    fastifyPassport.use(name, strategy);
    fastifyPassport.registerUserSerializer(async (user) => user);
    fastifyPassport.registerUserDeserializer(async (key) => instance.users.get(key) ?? null);
    instance.server.route(this.getLoginRoute(instance.server, options));
    instance.server.route(this.getLogoutRoute(instance.server, options));
    instance.server.route(this.getCallbackRoute(instance.server, options));
  }

  getRoutePrefixNoPrePostSlash() {
    return `auth/${this.providerName}`;
  }

  getCallbackURL(server) {
    return `${server.prefix}/${this.getRoutePrefixNoPrePostSlash()}/callback`;
  }

  defaultCallbackHandler(instance, id, profile, done) {
    const key = `${this.providerName}-${id}`;
    instance.users.set(key, { [`${this.providerName}Id`]: id, [`${this.providerName}Data`]: profile });
    done(undefined, key);
  }

  defaultLogoutHandler(request, reply, options) {
    request.logOut().then(() => reply.redirect(options.successRedirectURL));
  }
}

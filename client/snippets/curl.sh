curl https://auth.example.com/services.json
curl https://auth.example.com/.well-known/oauth-authorization-server/github
curl -H "Authorization: Bearer ACCESS_TOKEN" https://auth.example.com/userinfo/github
curl -d token=ACCESS_TOKEN https://auth.example.com/revoke/github

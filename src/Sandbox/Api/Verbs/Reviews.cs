using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Answers questions about access: whoever has the token may do everything.</summary>
internal sealed class Reviews(Identity identity)
{
    public async Task CreateAsync(HttpContext context, RequestPath path)
    {
        var item = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
        Envelope.Check(path, item, nameRequired: false);
        var user = new JsonObject { ["username"] = "sandbox-admin", ["groups"] = new JsonArray("system:masters", "system:authenticated") };
        item["status"] = path.Type switch
        {
            var t when t == ResourceTypes.TokenReviews => item["spec"].Text("token") == identity.Token
                ? new JsonObject { ["authenticated"] = true, ["user"] = user }
                : new JsonObject { ["authenticated"] = false },
            var t when t == ResourceTypes.SelfSubjectReviews => new JsonObject { ["userInfo"] = user },
            var t when t == ResourceTypes.SelfSubjectRulesReviews => new JsonObject
            {
                ["resourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") }),
                ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
                ["incomplete"] = false,
            },
            _ => new JsonObject { ["allowed"] = true, ["reason"] = "the sandbox has no RBAC: its token may do everything" },
        };
        await Answer.WriteAsync(context, 201, item);
    }
}

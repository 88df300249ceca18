using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Answers questions about access.</summary>
internal sealed class Reviews(Identity identity, Authorizer authorizer, ServiceAccountTokens tokens)
{
    public async Task CreateAsync(HttpContext context, RequestPath path)
    {
        var item = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
        Envelope.Check(path, item, nameRequired: false);
        var self = Subject.Of(context);
        item["status"] = path.Type switch
        {
            var t when t == ResourceTypes.TokenReviews => OfToken(item["spec"].Text("token") ?? ""),
            var t when t == ResourceTypes.SelfSubjectReviews => new JsonObject { ["userInfo"] = self.ToJson() },
            var t when t == ResourceTypes.SelfSubjectRulesReviews => Rules(self, item["spec"].Text("namespace") ?? ""),
            var t when t == ResourceTypes.SubjectAccessReviews => Access(Named(item["spec"]), item["spec"]),
            _ => Access(self, item["spec"]),
        };
        await Answer.WriteAsync(context, 201, item);
    }

    private JsonObject OfToken(string token) =>
        (token == identity.Token ? Subject.Admin : tokens.Read(token)) is { } subject
            ? new JsonObject { ["authenticated"] = true, ["user"] = subject.ToJson() }
            : new JsonObject { ["authenticated"] = false };

    private JsonObject Rules(Subject subject, string ns)
    {
        var rules = subject.IsMaster
            ?
            [
                new JsonObject
                {
                    ["verbs"] = new JsonArray("*"),
                    ["apiGroups"] = new JsonArray("*"),
                    ["resources"] = new JsonArray("*"),
                },
                new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") },
            ]
            : authorizer.RulesOf(subject, ns).ToList();
        return new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(r => r["resources"] is not null).Select(r => r.DeepClone())]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(r => r["nonResourceURLs"] is not null).Select(r => r.DeepClone())]),
            ["incomplete"] = false,
        };
    }

    private JsonObject Access(Subject subject, JsonNode? spec)
    {
        var of = spec.At("resourceAttributes");
        var resource = of.Text("resource") ?? "";
        var access = of is null
            ? new AccessRequest(
                spec.At("nonResourceAttributes").Text("verb") ?? "",
                "",
                "",
                "",
                "",
                spec.At("nonResourceAttributes").Text("path") ?? ""
            )
            : new AccessRequest(
                of.Text("verb") ?? "",
                of.Text("group") ?? "",
                of.Text("subresource") is { Length: > 0 } part ? $"{resource}/{part}" : resource,
                of.Text("namespace") ?? "",
                of.Text("name") ?? "",
                ""
            );
        return new JsonObject { ["allowed"] = authorizer.Allows(subject, access) };
    }

    private static Subject Named(JsonNode? spec) =>
        new(spec.Text("user") ?? "", [.. (spec.At("groups") as JsonArray ?? []).Select(g => g?.ToString() ?? "")]);
}

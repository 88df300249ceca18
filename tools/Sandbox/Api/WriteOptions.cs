using Portkey.Portal.Sandbox.Apply;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>What the query of a writing request says.</summary>
internal sealed record WriteOptions(bool DryRun, string FieldValidation, string Manager, bool Force)
{
    public static WriteOptions Of(HttpRequest request)
    {
        var query = request.Query;
        var dryRun = query["dryRun"].ToString();
        if (dryRun is not ("" or "All"))
        {
            throw KubeStatusException.BadRequest($"invalid dryRun value: {dryRun}, supported values: \"All\"");
        }

        var validation = query["fieldValidation"].ToString();
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
        {
            throw KubeStatusException.BadRequest(
                $"fieldValidation: Unsupported value: \"{validation}\": supported values: \"Ignore\", \"Warn\", \"Strict\""
            );
        }

        var manager = query["fieldManager"].ToString();
        if (manager.Length > 128 || manager.Any(char.IsControl))
        {
            throw KubeStatusException.BadRequest("fieldManager: Invalid value: must be printable and at most 128 characters");
        }

        if (manager.Length == 0)
        {
            var agent = request.Headers.UserAgent.ToString().Split('/', ' ')[0];
            manager = agent.Length is > 0 and <= 128 ? agent : "unknown";
        }

        return new WriteOptions(dryRun.Length > 0, validation.Length == 0 ? "Warn" : validation, manager, query["force"] == "true");
    }

    public FieldManager ManagerFor(bool applies, string subresource) => new(Manager, applies, subresource);
}

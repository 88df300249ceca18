namespace Portkey.Portal.Generated;

/// <summary>The main job, as a C# program of a customer does it with the client that was generated from /openapi/v1.json.</summary>
public static class Walk
{
    /// <summary>Asks for a gateway, has another person approve it, waits, finds it by team and name; answers with its URL.</summary>
    public static async Task<string> RunAsync(HttpClient lead, HttpClient admin, string name)
    {
        var (mine, theirs) = (new PortalClient(lead), new PortalClient(admin));
        var request = await mine.ProposeAsync(
            idempotency_Key: Guid.NewGuid().ToString(),
            body: new ProposeBody
            {
                Kind = RequestKind.Create,
                Team = "payments",
                Name = name,
                Cluster = "sandbox",
                Profile = "dev",
                Spec = new SpecBody
                {
                    Edition = Edition.Oss,
                    Settings = new Dictionary<string, string> { ["LOG_LEVEL"] = "info" },
                    Network = new NetworkSpec { Exposure = Exposure.Internal, Port = 8787 },
                },
            }
        );
        if (request.State != RequestState.Pending)
        {
            throw new InvalidOperationException($"the request is {request.State}");
        }

        var preview = await theirs.PreviewRequestAsync(request.Id, if_None_Match: null);
        if (!preview.Manifest.Contains("kind: Deployment", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("the preview shows no Deployment");
        }

        var approved = await theirs.ApproveRequestAsync(
            request.Id,
            new DecisionBody { Digest = request.Digest, Reason = "by a generated client" }
        );
        var until = DateTime.UtcNow.AddMinutes(4);
        OperationView operation;
        do
        {
            await Task.Delay(500);
            operation = await mine.GetOperationAsync(approved.OperationId!.Value, if_None_Match: null);
        } while (operation.EndedAt is null && DateTime.UtcNow < until);

        if (operation.State != OperationState.Succeeded)
        {
            throw new InvalidOperationException($"the operation is {operation.State}: {operation.ErrorMessage}");
        }

        var found = await mine.ListEnvironmentsAsync(
            search: null,
            name: name,
            team: "payments",
            cluster: null,
            health: null,
            chart: null,
            includeDeleted: null,
            cursor: null,
            limit: 1,
            if_None_Match: null
        );
        var environment = await mine.GetEnvironmentAsync(found.Items.Single().Id, if_None_Match: null);
        return environment.Endpoint;
    }
}

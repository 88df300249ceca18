using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Admission;
using Portkey.Portal.Sandbox.Apply;
using Portkey.Portal.Sandbox.Controllers;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Create, update and patch.</summary>
internal sealed class WriteVerbs(ObjectStore store, Authorizer authorizer)
{
    private const int Attempts = 8;

    public async Task CreateAsync(HttpContext context, RequestPath path)
    {
        var options = WriteOptions.Of(context.Request);
        var view = View.Of(context.Request);
        var item = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
        Envelope.Check(path, item, nameRequired: false);
        Envelope.Validate(context, path, item, options);
        var created = Create(path.Type, item, options, m => ManagedFields.TrackUpdate(path.Type, null, m, options.ManagerFor(false, "")));
        await Answer.WriteAsync(context, 201, view.One(path.Type, created));
    }

    public async Task UpdateAsync(HttpContext context, RequestPath path)
    {
        var options = WriteOptions.Of(context.Request);
        var view = View.Of(context.Request);
        var item = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
        Envelope.Check(path, item, nameRequired: true);
        Envelope.Validate(context, path, item, options);
        var saved = Save(path, options, _ => item, applies: false);
        await Answer.WriteAsync(context, 200, view.One(path.Type, saved));
    }

    public async Task PatchAsync(HttpContext context, RequestPath path)
    {
        var options = WriteOptions.Of(context.Request);
        var view = View.Of(context.Request);
        var media = BodyReader.MediaType(context.Request);
        var bytes = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
        if (media is "application/apply-patch+yaml" or "application/apply-patch+json")
        {
            var (applied, code) = Apply(context, path, options, bytes);
            await Answer.WriteAsync(context, code, view.One(path.Type, applied));
            return;
        }

        var patch = Patches.Parse(media, bytes);
        var saved = Save(
            path,
            options,
            current =>
            {
                var next = patch(path.Type, current);
                Envelope.Check(path, next, nameRequired: true);
                Envelope.Validate(context, path, next, options);
                return next;
            },
            applies: false
        );
        await Answer.WriteAsync(context, 200, view.One(path.Type, saved));
    }

    private (JsonObject Object, int Code) Apply(HttpContext context, RequestPath path, WriteOptions options, byte[] bytes)
    {
        if (context.Request.Query["fieldManager"].ToString().Length == 0)
        {
            throw new KubeStatusException(
                422,
                "Invalid",
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
            );
        }

        var access =
            BodyReader.Yaml(bytes) as JsonObject ?? throw KubeStatusException.BadRequest("error decoding YAML: the body is not an object");
        if (access["metadata"].Child("managedFields") is JsonArray { Count: > 0 })
        {
            throw KubeStatusException.BadRequest("metadata.managedFields must be nil");
        }

        Envelope.Check(path, access, nameRequired: true);
        Envelope.Validate(context, path, access, options);
        if (path.Type == ResourceTypes.Secrets)
        {
            Strategies.FoldStringData(access);
        }

        var manager = options.ManagerFor(true, path.Subresource);
        if (store.Peek(path.Type, path.Namespace, path.Name) is null)
        {
            if (path.Subresource.Length > 0 || access["metadata"].Text("uid") is { Length: > 0 })
            {
                throw KubeStatusException.NotFound(path.Type, path.Name);
            }

            // Someone who may patch but not create must not create by patching.
            var creation = AccessRequest.Of(context.Request) with
            {
                Verb = "create",
            };
            if (!authorizer.Allows(Subject.Of(context), creation))
            {
                throw creation.Refusal(Subject.Of(context));
            }

            try
            {
                var item = ServerSideApply.Run(path.Type, null, access, manager, options.Force);
                return (Create(path.Type, item, options, _ => { }), 201);
            }
            catch (KubeStatusException e) when (e.Reason == "AlreadyExists")
            {
                // Created by somebody else in this moment: then it is an update.
            }
        }

        return (
            Save(path, options, current => ServerSideApply.Run(path.Type, current, access, manager, options.Force), applies: true),
            200
        );
    }

    private JsonObject Create(ResourceType type, JsonObject item, WriteOptions options, Action<JsonObject> track)
    {
        Strategies.PrepareCreate(type, item);
        Defaults.Apply(type, item);
        Validation.Check(type, item, null);
        track(item);
        if (type == ResourceTypes.Pods)
        {
            PodAdmission.Admit(store, item);
        }
        else
        {
            Quotas.CheckCount(store, type, item);
        }

        return store.Create(type, item, options.DryRun);
    }

    /// <summary>Computes the next state from the current one and stores it; repeats when somebody else wrote in between.</summary>
    private JsonObject Save(RequestPath path, WriteOptions options, Func<JsonObject, JsonObject> change, bool applies)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = store.Get(path.Type, path.Namespace, path.Name) ?? throw KubeStatusException.NotFound(path.Type, path.Name);
            var next = change((JsonObject)current.DeepClone());
            var asked = next["metadata"].Text("resourceVersion");
            var version = current["metadata"].Text("resourceVersion");
            if (!string.IsNullOrEmpty(asked) && asked != version)
            {
                throw KubeStatusException.Conflict(path.Type, path.Name);
            }

            next = Strategies.PrepareUpdate(path.Type, path.Subresource, current, next);
            Defaults.Apply(path.Type, next);
            if (path.Subresource.Length == 0)
            {
                Validation.Check(path.Type, next, current);
            }

            if (!applies)
            {
                ManagedFields.TrackUpdate(
                    path.Type,
                    current,
                    next,
                    options.ManagerFor(false, path.Subresource is "finalize" ? "" : path.Subresource)
                );
            }

            try
            {
                return store.Update(path.Type, next, version, options.DryRun);
            }
            catch (KubeStatusException e) when (e.Reason == "Conflict" && attempt < Attempts)
            {
                // Somebody else wrote in between. Where the caller asked for one version, the next round refuses; else it adds.
            }
        }
    }
}

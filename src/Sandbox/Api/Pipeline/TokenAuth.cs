using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Pipeline;

/// <summary>Lets in who has the token of the kubeconfig. Health and version are open, as in an API server.</summary>
internal sealed class TokenAuth(RequestDelegate next, Identity identity)
{
    private readonly byte[] _expected = Encoding.UTF8.GetBytes("Bearer " + identity.Token);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is "/healthz" or "/livez" or "/readyz" or "/version")
        {
            return next(context);
        }

        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        return CryptographicOperations.FixedTimeEquals(given, _expected)
            ? next(context)
            : throw new KubeStatusException(401, "Unauthorized", "Unauthorized");
    }
}

using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Api;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Access;

/// <summary>
/// Gives and reads tokens of service accounts: <c>sa.PAYLOAD.MAC</c>, the payload being namespace, name, uid and end. They are valid over
/// a restart, as long as the account is there and the sandbox keeps its identity.
/// </summary>
internal sealed class ServiceAccountTokens(Identity identity, ObjectStore store, TimeProvider time)
{
    private const string Mark = "sa.";
    private readonly byte[] _key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(identity.Token), "service accounts"u8);

    /// <summary>Answers a TokenRequest.</summary>
    public async Task CreateAsync(HttpContext context, RequestPath path)
    {
        var account =
            store.Peek(ResourceTypes.ServiceAccounts, path.Namespace, path.Name)
            ?? throw KubeStatusException.NotFound(ResourceTypes.ServiceAccounts, path.Name);
        var request = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
        var seconds = Math.Clamp(request["spec"].Number("expirationSeconds") ?? 3600, 600, 1L << 32);
        var until = time.GetUtcNow().AddSeconds(seconds);
        var payload = string.Create(
            CultureInfo.InvariantCulture,
            $"{path.Namespace} {path.Name} {account.Uid()} {until.ToUnixTimeSeconds()}"
        );
        var coded = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        request["status"] = new JsonObject
        {
            ["token"] = $"{Mark}{coded}.{Mac(coded)}",
            ["expirationTimestamp"] = until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        await Answer.WriteAsync(context, 201, request);
    }

    /// <summary>The account of a token; null for one that is not ours, has expired, or whose account is gone.</summary>
    public Subject? Read(string token)
    {
        if (
            !token.StartsWith(Mark, StringComparison.Ordinal)
            || token.Split('.') is not [_, var coded, var mac]
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(Mac(coded)))
        )
        {
            return null;
        }

        var words = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(coded)).Split(' ');
        return
            long.Parse(words[3], CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds()
            && store.Peek(ResourceTypes.ServiceAccounts, words[0], words[1])?.Uid() == words[2]
            ? Subject.ServiceAccount(words[0], words[1])
            : null;
    }

    private string Mac(string coded) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(coded)));
}

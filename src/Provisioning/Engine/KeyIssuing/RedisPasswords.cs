using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// Passwords of a Redis ACL user, which may have several at once: the new one is added, and the old one removed when the new one is proven.
/// </summary>
internal sealed class RedisPasswords(OutboundGuard guard, IOptions<KeyIssuingOptions> options) : IKeyIssuer
{
    private const int PasswordLength = 43; // 256 bits, and no character that a URL would escape

    public string Id => ProviderNames.RedisAcl;

    public async Task<IssuePlan> PlanAsync(IssueContext context, CancellationToken cancellationToken)
    {
        if (context.Current is null)
        {
            throw new IssueException(
                "not-in-use",
                $"No version of {context.Key} is in use yet. The first one is typed; from then on it can be issued."
            );
        }

        var user = context.Setting("user");
        if (RedisUrls.UserOf(context.Key, context.Current.Reveal()) is { } named && named != user)
        {
            throw new IssueException(
                "redis-other-user",
                $"{context.Key} signs in as another user than {user}, which the provider is set to. Correct the provider's user, or store a value of {user} and rotate to it."
            );
        }

        await using var redis = await OpenAsync(context, cancellationToken);
        var known =
            await redis.GetUserAsync(user, cancellationToken)
            ?? throw new IssueException(
                "redis-no-user",
                $"Redis knows no user {user}. Create it there first: the portal adds passwords, not users."
            );
        if (known.Flags.Contains("nopass", StringComparer.Ordinal))
        {
            throw new IssueException(
                "redis-nopass",
                $"User {user} of Redis accepts any password (nopass), so a new one would change nothing. Give it a password first."
            );
        }

        var password = RandomValues.Make(PasswordLength, "url");
        return new IssuePlan(HashOf(password.Reveal()), password);
    }

    public async Task<SecretValue> IssueAsync(IssueContext context, IssuePlan plan, CancellationToken cancellationToken)
    {
        await using var redis = await OpenAsync(context, cancellationToken);
        await redis.AddAsync(context.Setting("user"), plan.Mark, cancellationToken);
        await redis.SaveAsync(cancellationToken);
        return new SecretValue(RedisUrls.With(context.Key, context.Current!.Reveal(), plan.Draft!.Reveal()));
    }

    public async Task TakeBackAsync(IssueContext context, string mark, CancellationToken cancellationToken)
    {
        if (context.InUse.Any(v => HashOf(RedisUrls.PasswordOf(context.Key, v.Reveal())) == mark))
        {
            return; // it is used after all
        }

        await using var redis = await OpenAsync(context, cancellationToken);
        await redis.RemoveAsync(context.Setting("user"), mark, cancellationToken);
        await redis.SaveAsync(cancellationToken);
    }

    public async Task<string> RetireAsync(IssueContext context, SecretValue old, CancellationToken cancellationToken)
    {
        var user = context.Setting("user");
        if (RedisUrls.UserOf(context.Key, old.Reveal()) is { } named && named != user)
        {
            return $"The old value belongs to a user other than {user}; its password is left as it is.";
        }

        var password = RedisUrls.PasswordOf(context.Key, old.Reveal());
        if (password.Length == 0 || context.InUse.Any(v => RedisUrls.PasswordOf(context.Key, v.Reveal()) == password))
        {
            return "The old value has no password of its own; nothing was removed from Redis.";
        }

        await using var redis = await OpenAsync(context, cancellationToken);
        await redis.RemoveAsync(user, HashOf(password), cancellationToken);
        await redis.SaveAsync(cancellationToken);
        return $"The old password of user {user} is removed from Redis.";
    }

    private Task<RedisAdmin> OpenAsync(IssueContext context, CancellationToken cancellationToken) =>
        context.Admin is { } admin
            ? RedisAdmin.OpenAsync(guard, admin.Reveal(), options.Value.Timeout, cancellationToken)
            : throw new IssueException(
                "redis-no-admin",
                $"No {SettingKeys.RedisAdminUrl} is stored with which the portal could change passwords of user {context.Setting("user")}. Store it on the credential's page."
            );

    /// <summary>As Redis keeps a password.</summary>
    internal static string HashOf(string password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
}

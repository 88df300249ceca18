using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>Every secret that the revision pins can be read, and none that its mode needs is missing.</summary>
internal sealed class SecretsCheck : IPreflightCheck
{
    public string Id => "secrets";

    public string Title => "Secrets are there";

    public LookedFrom From => LookedFrom.Portal;

    public bool AppliesTo(PreflightSubject subject) => subject.Pins.Count > 0 || Required(subject).Any();

    public Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        if (subject.Unread.Values.FirstOrDefault(u => u.IsTransient) is { } unavailable)
        {
            throw unavailable;
        }

        var wrong = subject
            .Unread.Select(u =>
                $"{u.Key} v{subject.Pins[u.Key].Number} {(u.Value.Failure == VaultFailure.Disabled ? "is disabled in the vault" : $"cannot be read: {u.Value.Message}")}"
            )
            .Concat(Required(subject).Where(k => !subject.Pins.ContainsKey(k)).Select(k => $"{k} is missing"))
            .Concat(
                subject
                    .Secrets.Where(s =>
                        SettingsCatalog.ByKey.TryGetValue(s.Key, out var setting)
                        && SpecValidator.CheckSecret(setting, s.Value.Reveal()) is not null
                    )
                    .Select(s => $"{s.Key} does not have the required form")
            )
            .ToList();
        return Task.FromResult(
            wrong.Count == 0
                ? Verdict.Pass(
                    $"The vault gives {string.Join(", ", subject.Pins.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} v{p.Value.Number}"))}."
                )
                : Verdict.Fail($"{string.Join("; ", wrong)}.", "Store the secret again and propose the change with it.", "secrets")
        );
    }

    private static IEnumerable<string> Required(PreflightSubject subject) =>
        SettingsCatalog.All.Where(s => s.View.IsSecret && s.IsRequired(subject.Spec.Edition, subject.Value)).Select(s => s.Key);
}

/// <summary>Credentials for the registry have the shape that a kubelet reads.</summary>
internal sealed class PullSecretCheck : IPreflightCheck
{
    public string Id => "pull-secret";

    public string Title => "Image pull secret";

    public LookedFrom From => LookedFrom.Computed;

    public bool AppliesTo(PreflightSubject subject) => PullSecret.Of(subject.ReleaseName, subject.Spec, subject.Pins) is not null;

    public Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var pull = PullSecret.Of(subject.ReleaseName, subject.Spec, subject.Pins)!;
        var password = subject.Secret(SettingKeys.RegistryPassword);
        var host = pull.Server.Contains("://", StringComparison.Ordinal) ? pull.Server : $"https://{pull.Server}";
        var wrong =
            !Uri.TryCreate(host, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0
                ? $"{SettingKeys.RegistryServer} is not the address of a registry"
            : pull.User.Length == 0 || pull.User.Contains(':', StringComparison.Ordinal)
                ? $"{SettingKeys.RegistryUsername} is empty or holds a colon, which ends the user's name there"
            : password.Length == 0 ? $"{SettingKeys.RegistryPassword} could not be read"
            : password.Any(char.IsControl) ? $"{SettingKeys.RegistryPassword} holds line breaks or control characters"
            : null;
        return Task.FromResult(
            wrong is null
                ? Verdict.Pass($"It holds user {pull.User} for {pull.Server}.")
                : Verdict.Fail($"{wrong}.", "Fix it and propose the change again.", "pull-secret")
        );
    }
}

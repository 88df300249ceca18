namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>What there is to know about a credential at a glance; several may hold at once.</summary>
public enum CredentialState
{
    /// <summary>The version in use has expired.</summary>
    Expired,

    /// <summary>Vault and portal differ about one of its versions.</summary>
    Orphan,

    /// <summary>Its policy wants a new version within two weeks, or is overdue.</summary>
    Due,

    /// <summary>It expires within thirty days.</summary>
    Expiring,

    /// <summary>Stored, but no version is in use.</summary>
    NotInUse,

    /// <summary>None of the others.</summary>
    Fine,
}

/// <summary>Decides which states hold.</summary>
public static class CredentialStates
{
    /// <summary>Days before it is due at which a credential counts as due.</summary>
    public const int DueDays = 14;

    /// <summary>Days before it expires at which a credential counts as expiring.</summary>
    public const int ExpiringDays = 30;

    /// <summary>All that hold, the worst first; never empty.</summary>
    public static IReadOnlyList<CredentialState> Of(DateTime now, DateTime? expiresAt, DateTime? dueAt, bool isInUse, bool hasAnomaly)
    {
        var states = new List<CredentialState>();
        Add(CredentialState.Expired, expiresAt <= now);
        Add(CredentialState.Orphan, hasAnomaly);
        Add(CredentialState.Due, dueAt <= now.AddDays(DueDays));
        Add(CredentialState.Expiring, expiresAt > now && expiresAt <= now.AddDays(ExpiringDays));
        Add(CredentialState.NotInUse, !isInUse);
        Add(CredentialState.Fine, states.Count == 0);
        return states;

        void Add(CredentialState state, bool holds)
        {
            if (holds)
            {
                states.Add(state);
            }
        }
    }
}

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>What came of writing an object to a store and removing it again.</summary>
internal enum StoreOutcome
{
    /// <summary>Written and removed.</summary>
    Written,

    /// <summary>The store answered, and did not take it.</summary>
    Refused,

    /// <summary>The sign-in service refused the caller.</summary>
    SignInRefused,

    /// <summary>The credentials are malformed; nobody was called.</summary>
    Malformed,

    /// <summary>Nobody answered, or the answer was not a store's.</summary>
    Unreachable,
}

/// <summary>Answer of an object store.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Status">HTTP status; 0 where there was no answer.</param>
/// <param name="Code">The store's own word for it; empty for none.</param>
/// <param name="Message">The store's own sentence; empty for none.</param>
/// <param name="Problem">What the library threw; null for nothing.</param>
internal sealed record StoreAnswer(StoreOutcome Outcome, int Status = 0, string Code = "", string Message = "", Exception? Problem = null);

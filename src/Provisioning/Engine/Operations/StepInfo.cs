namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What is known of a step without running it.</summary>
/// <param name="Name">Its word in rows, logs and failpoints, such as <c>helm</c>. Stored with operations, so it must not change.</param>
/// <param name="Title">What people read.</param>
/// <param name="Step">The class that carries it out.</param>
public sealed record StepInfo(string Name, string Title, Type Step)
{
    /// <summary>What it means for later attempts that one ended in or after this step.</summary>
    public AfterCrash AfterCrash { get; init; }

    /// <summary>Whether an attempt that goes on after a soak begins at this step; all before it is proven by then.</summary>
    public bool IsFirstAfterSoak { get; init; }
}

/// <summary>What it means for an operation that an attempt ended inside a step, by a crash or otherwise.</summary>
public enum AfterCrash
{
    /// <summary>The step is run again from its start, and finds for itself what is done already.</summary>
    RunAgain,

    /// <summary>The same; and since something else may now serve, an operation that fails from now on goes back to the last good
    /// revision.</summary>
    RunAgainOrGoBack,
}

using Npgsql;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Operations;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

public sealed class FailureTests
{
    [Fact]
    public void Of_AConnectionThatBrokeAsEntityFrameworkWrapsIt_IsTriedAgain()
    {
        var broken = new InvalidOperationException(
            "likely due to a transient failure",
            new NpgsqlException("Exception while reading from stream", new IOException())
        );
        var failure = Failure.Of(broken, Redactor.Default);
        Assert.True(failure.IsTransient);
        Assert.Equal("database", failure.Code);
    }

    [Fact]
    public void Of_AMistakeOfOurs_IsNot()
    {
        var failure = Failure.Of(new InvalidOperationException("a mistake"), Redactor.Default);
        Assert.False(failure.IsTransient);
        Assert.Equal("internal", failure.Code);
    }
}

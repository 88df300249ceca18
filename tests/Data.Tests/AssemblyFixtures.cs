using Portkey.Portal.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]

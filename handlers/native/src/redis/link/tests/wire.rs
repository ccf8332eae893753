//! What is said on the wire: protocols, scripts, refusals.

use super::*;

/// Both protocols, a script that the server does not know, and values of every kind that a step answers.
#[tokio::test]
async fn a_script_is_loaded_when_it_is_not_known_in_both_protocols() {
    let server = RedisServer::start(DURABLE);
    let script = Script::new("#!lua\nreturn {KEYS[1], ARGV[1], 7, false, {'inner'}}");
    for protocol in ["resp2", "resp3"] {
        let link = Link::open(&format!("{}?protocol={protocol}", server.url())).await.unwrap();
        for _ in 0..2 {
            let value = link.run(script.key("k").arg("é\0\r\n")).await.unwrap();
            let inner = Value::Array(vec![Value::BulkString(b"inner".to_vec())]);
            let expected = vec![
                Value::BulkString(b"k".to_vec()),
                Value::BulkString("é\0\r\n".as_bytes().to_vec()),
                Value::Int(7),
                Value::Nil,
                inner,
            ];
            assert_eq!(value, Value::Array(expected), "{protocol}");
            let flushed = link.command(redis::cmd("SCRIPT").arg("FLUSH")).await;
            assert_eq!(flushed, Ok(Value::Okay));
        }
        let said = link.command(redis::cmd("CLIENT").arg("INFO")).await.unwrap();
        let said: String = redis::from_redis_value(said).unwrap();
        assert!(said.contains(&format!("resp={}", protocol.trim_start_matches("resp"))), "{said}");
    }
}

#[tokio::test]
async fn a_failing_script_is_a_fault_and_no_outage() {
    let server = RedisServer::start(DURABLE);
    let link = Link::open(&server.url()).await.unwrap();
    let script = Script::new("return nil .. 'x'");
    assert!(matches!(link.run(&script.prepare_invoke()).await, Err(LinkError::Unexpected(_))));
    assert!(link.command(&ping()).await.is_ok());
}

#[tokio::test]
async fn a_full_store_is_told_apart() {
    let server = RedisServer::start(&["--maxmemory", "1mb"]);
    let link = Link::open(&server.url()).await.unwrap();
    let script = Script::new("#!lua\nreturn redis.call('SET', KEYS[1], ARGV[1])");
    let body = "x".repeat(2 << 20);
    let _ = link.run(script.key("a").arg(&body)).await;
    assert_eq!(link.run(script.key("b").arg(&body)).await, Err(LinkError::Full));
    // What finishes or frees work runs all the same.
    let freeing = Script::new("#!lua flags=allow-oom\nreturn redis.call('HSET', KEYS[1], 'a', 1)");
    assert!(freeing.key("c").arg("").to_owned_run(&link).await.is_ok());
}

trait Run {
    async fn to_owned_run(&self, link: &Link) -> Result<Value, LinkError>;
}

impl Run for ScriptInvocation<'_> {
    async fn to_owned_run(&self, link: &Link) -> Result<Value, LinkError> {
        link.run(self).await
    }
}

#[tokio::test]
async fn a_cluster_is_refused() {
    let server = RedisServer::start(&["--cluster-enabled", "yes"]);
    let link = Link::start(Servers::parse(&server.url()).unwrap(), Arc::new(|_| {}));
    let refused = link.connected(Duration::from_secs(10)).await;
    assert_eq!(refused, Err(Outage::Unsupported(crate::redis::Unsupported::Cluster)));
    let error = link.command(&ping()).await.unwrap_err().to_string();
    assert!(error.contains("cluster mode") && error.contains("use one server"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_shown() {
    let server = RedisServer::start(&[]);
    let admin = Link::open(&server.url()).await.unwrap();
    admin.command(redis::cmd("ACL").arg(&["SETUSER", "default", "resetpass", ">right"])).await.unwrap();
    let port_of = |password: &str| format!("{}?pass={password}", server.url());
    let error = Link::open(&port_of("s3cret")).await.unwrap_err().to_string();
    assert!(error.contains("refuses the user name or the password") && !error.contains("s3cret"), "{error}");
    let error = Link::open(&server.url()).await.unwrap_err().to_string();
    assert!(error.contains("wants a password"), "{error}");
    assert!(Link::open(&port_of("right")).await.is_ok());
}

//! A name server on loopback that answers as it is told, by UDP and as JSON over HTTP: each home asks in its own way.

use super::background;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

pub(crate) enum DnsReply {
    Records(Vec<RData>),
    NoSuchName,
    Silence,
}

type Replies = Arc<dyn Fn(&str, RecordType) -> DnsReply + Send + Sync>;

pub(crate) struct Dns {
    udp: SocketAddr,
    http: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Dns {
    /// Starts one. `reply` gets the name in lower case with its final dot, and the kind of record asked for.
    pub(crate) fn start(reply: impl Fn(&str, RecordType) -> DnsReply + Send + Sync + 'static) -> Self {
        let reply: Replies = Arc::new(reply);
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        udp.set_nonblocking(true).unwrap();
        tcp.set_nonblocking(true).unwrap();
        Self {
            udp: udp.local_addr().unwrap(),
            http: tcp.local_addr().unwrap(),
            tasks: [
                background().spawn(datagrams(udp, Arc::clone(&reply))),
                background().spawn(connections(tcp, reply)),
            ],
        }
    }

    /// Where it is asked by UDP.
    pub(crate) fn server(&self) -> String {
        self.udp.to_string()
    }

    /// Where it is asked by HTTP.
    pub(crate) fn query_url(&self) -> String {
        format!("http://{}/dns-query", self.http)
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn datagrams(socket: std::net::UdpSocket, reply: Replies) {
    let socket = UdpSocket::from_std(socket).unwrap();
    let mut buffer = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        if let Some(answer) = answer(&buffer[..length], &*reply) {
            socket.send_to(&answer, from).await.unwrap();
        }
    }
}

fn answer(question: &[u8], reply: &dyn Fn(&str, RecordType) -> DnsReply) -> Option<Vec<u8>> {
    let message = Message::from_vec(question).unwrap();
    let query = message.queries[0].clone();
    let mut answer = message.into_response();
    match reply(&query.name().to_ascii().to_lowercase(), query.query_type()) {
        DnsReply::Records(records) => {
            answer.add_answers(records.into_iter().map(|data| Record::from_rdata(query.name().clone(), 60, data)));
        }
        DnsReply::NoSuchName => answer.metadata.response_code = ResponseCode::NXDomain,
        DnsReply::Silence => return None,
    }
    Some(answer.to_vec().unwrap())
}

async fn connections(listener: std::net::TcpListener, reply: Replies) {
    let listener = TcpListener::from_std(listener).unwrap();
    let mut talks = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        talks.spawn(talk(stream, Arc::clone(&reply)));
    }
}

/// One question, and the end of the connection.
async fn talk(mut stream: TcpStream, reply: Replies) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8(head).unwrap();
    let Some(answer) = json_answer(head.split(' ').nth(1).unwrap(), &*reply) else {
        // Until the other side leaves.
        while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
        return;
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/dns-json\r\nconnection: close\r\ncontent-length: ";
    let _ = stream.write_all(format!("{head}{}\r\n\r\n{answer}", answer.len()).as_bytes()).await;
}

/// The answer to `/dns-query?name=…&type=…`. Names of the suite hold nothing that would be escaped.
fn json_answer(target: &str, reply: &dyn Fn(&str, RecordType) -> DnsReply) -> Option<String> {
    let field = |name: &str| {
        let mut fields = target.split_once('?').unwrap().1.split('&').filter_map(|field| field.split_once('='));
        fields.find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no {name}: {target}")).1
    };
    let mut name = Name::from_ascii(field("name")).unwrap();
    name.set_fqdn(true);
    let kind: RecordType = field("type").parse().unwrap();
    let name = name.to_ascii().to_lowercase();
    let answer = match reply(&name, kind) {
        DnsReply::Records(records) => {
            let record =
                |data: RData| json!({"name": name, "type": u16::from(kind), "TTL": 60, "data": data.to_string()});
            json!({"Status": 0, "Answer": records.into_iter().map(record).collect::<Vec<_>>()})
        }
        DnsReply::NoSuchName => json!({"Status": 3}),
        DnsReply::Silence => return None,
    };
    Some(answer.to_string())
}

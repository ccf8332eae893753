//! A name server on loopback that answers as it is told.

use super::background;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};
use std::net::SocketAddr;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

pub(crate) enum DnsReply {
    Records(Vec<RData>),
    NoSuchName,
    Silence,
}

pub(crate) struct Dns {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Dns {
    /// Starts one. `reply` gets the name in lower case with its final dot, and the kind of record asked for.
    pub(crate) fn start(reply: impl Fn(&str, RecordType) -> DnsReply + Send + 'static) -> Self {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let task = background().spawn(async move {
            let socket = UdpSocket::from_std(socket).unwrap();
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                if let Some(answer) = answer(&buffer[..length], &reply) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self { address, task }
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn answer(question: &[u8], reply: &impl Fn(&str, RecordType) -> DnsReply) -> Option<Vec<u8>> {
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
